"use strict";
// Shows the errors that fit what is chosen. Without scripts the form stays hidden and all errors are shown.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const figures = [...document.querySelectorAll("#gallery > figure")];
  const selects = [...form.querySelectorAll("select")];
  const count = document.getElementById("shown"), none = document.getElementById("none");

  function filter() {
    const kinds = new Set([...form.elements.kind.length ? form.elements.kind : [form.elements.kind]]
      .filter((box) => box.checked).map((box) => box.value));
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const figure of figures) {
      const text = figure.dataset.text.toLowerCase();
      figure.hidden = !(kinds.has(figure.dataset.kind)
        && selects.every((select) => !select.value || select.value === figure.dataset[select.name])
        && words.every((word) => text.includes(word)));
      shown += !figure.hidden;
    }
    count.textContent = `${shown} of ${figures.length} errors`;
    none.hidden = shown > 0;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields have their first values again only after this event.
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
  // Browsers fill in what was chosen before the page was loaded again.
  filter();
})();
