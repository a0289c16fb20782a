// Reads photos beside the page, so that it stays responsive: {id, file} in, {id, record} or {id, error} out, and {loaded}
// bytes while the models come.
import { models } from "./constants.js";
import { openModels } from "./models.js";
import { loadPhoto } from "./photo.js";
import { Recognizer } from "./recognizer.js";

async function fetched(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name}: the server answers ${answer.status}`);
  const parts = [];
  const reader = answer.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    postMessage({ loaded: part.value.length });
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const ready = Promise.all(Object.keys(models.files).map(fetched))
  .then((files) => openModels(...files))
  .then((opened) => new Recognizer(opened));
ready.then(() => postMessage({ ready: true }), (error) => postMessage({ failed: String(error.message ?? error) }));

let before = Promise.resolve();
addEventListener("message", ({ data: { id, file } }) => {
  // In turn: two photos at a time would take twice the memory and be no faster.
  before = before.then(async () => {
    try {
      postMessage({ id, record: { plates: await (await ready).read(await loadPhoto(file)) } });
    } catch (error) {
      postMessage({ id, error: String(error.message ?? error) });
    }
  });
});
