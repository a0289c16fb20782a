// Photos in, each drawn with what was read of it. Where the readings come from is the business of reader.js.
import { about, read, setToken, TokenError } from "./reader.js";

const find = (id) => document.getElementById(id);
const LIKELY = 0.5; // share from which a plate's country is shown
const SVG = "http://www.w3.org/2000/svg";
let waiting = [];
let busy = false;

// From red, doubtful, by yellow to green, sure: probabilities below one half are all the same.
function colour(share) {
  return `hsl(${Math.round(130 * Math.min(Math.max((share - 0.5) / 0.5, 0), 1))} 90% 45%)`;
}

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function drawing(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function overlay(plates, width, height) {
  const canvas = drawing("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const size = Math.max(width / 28, 12);
  for (const plate of plates) {
    const [x, y, w, h] = plate.box;
    const stroke = colour(plate.confidence);
    canvas.append(drawing("rect", { x, y, width: w, height: h, stroke }));
    const label = drawing("text", {
      x: Math.max(0, Math.min(x, width - plate.text.length * size * 0.7)),
      y: y > size * 1.3 ? y - size * 0.3 : y + h + size,
      "font-size": size, "stroke-width": size / 6, fill: stroke,
    });
    label.textContent = plate.text;
    canvas.append(label);
  }
  return canvas;
}

function line(plate) {
  const item = element("li");
  const text = element("span", "", "text");
  [...plate.text].forEach((character, index) => {
    const part = element("span", character);
    part.style.borderColor = colour(plate.chars[index]);
    part.title = `${Math.round(100 * plate.chars[index])}%`;
    text.append(part);
  });
  text.setAttribute("aria-label", plate.text);
  text.setAttribute("role", "img");
  item.append(text, element("span", `${Math.round(100 * plate.confidence)}% sure`, "share"));
  const [country] = plate.region ?? [];
  if (country && country[1] >= LIKELY) item.append(element("span", country[0], "share"));
  return item;
}

function card(file) {
  const box = element("article");
  box.append(element("h2", file.name || "pasted photo"));
  find("results").prepend(box);
  return box;
}

async function show(box, file, record) {
  if (record.error) {
    box.append(element("p", record.error, "wrong"));
    return;
  }
  const picture = new Image();
  picture.alt = record.plates.length ? `Photo with plates ${record.plates.map((p) => p.text).join(", ")}` : "Photo without plates";
  picture.src = URL.createObjectURL(file);
  const frame = element("div", "", "photo");
  try {
    await picture.decode();
    frame.append(picture, overlay(record.plates, picture.naturalWidth, picture.naturalHeight));
    box.append(frame);
  } catch {
    box.append(element("p", "This browser cannot show the photo.", "none"));
  }
  if (record.plates.length) {
    const list = element("ul");
    list.append(...record.plates.map(line));
    box.append(list);
  } else {
    box.append(element("p", "No plate was found.", "none"));
  }
}

function say(text) {
  find("status").textContent = text;
}

async function work() {
  if (busy) return;
  busy = true;
  let done = 0;
  find("results").setAttribute("aria-busy", "true");
  while (waiting.length) {
    say(`Reading photo ${done + 1} of ${done + waiting.length} …`);
    const { file, box } = waiting[0];
    try {
      await show(box, file, await read(file));
    } catch (error) {
      if (error instanceof TokenError) {
        find("access").hidden = false;
        find("token").focus();
        say("");
        busy = false;
        return;
      }
      box.append(element("p", error.message, "wrong"));
    }
    waiting.shift();
    done += 1;
  }
  busy = false;
  find("results").removeAttribute("aria-busy");
  say(done === 1 ? "1 photo done." : `${done} photos done.`);
}

function add(files) {
  for (const file of files) waiting.push({ file, box: card(file) });
  if (files.length) work();
}

for (const [button, input] of [["choose", "files"], ["take", "camera"]]) {
  find(button).addEventListener("click", () => find(input).click());
  find(input).addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
}
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => { event.preventDefault(); find("drop").classList.add("over"); });
}
for (const kind of ["dragleave", "drop"]) {
  addEventListener(kind, (event) => { event.preventDefault(); find("drop").classList.remove("over"); });
}
addEventListener("drop", (event) => add([...event.dataTransfer.files]));
addEventListener("paste", (event) => add([...event.clipboardData.files]));
find("access").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(find("token").value);
  find("access").hidden = true;
  work();
});
about((text) => { find("about").textContent = text; });
