// Readings of this browser itself: takes the place of the service's reader.js.
import { models } from "./constants.js";

export class TokenError extends Error {} // never thrown here: nobody is asked

export function setToken() {}

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let asked = 0;
let broken = null;

// The record of one photo: {plates: [...]}.
export function read(file) {
  return new Promise((done, fail) => {
    if (broken) throw broken;
    asked += 1;
    waiting.set(asked, { done, fail });
    worker.postMessage({ id: asked, file });
  });
}

// Shows one line about the models, and before that how much of them is there.
export function about(show) {
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const total = Object.values(models.files).reduce((sum, size) => sum + size, 0);
  let loaded = 0;
  let failed = false; // other files may go on coming then
  worker.addEventListener("message", ({ data }) => {
    failed ||= Boolean(data.failed);
    if (data.loaded && !failed) {
      loaded += data.loaded;
      if (loaded < total) show(`Loading the models: ${megabytes(loaded)} of ${megabytes(total)} MB …`);
      else show("Starting the models …");
    }
    if (data.ready) show(`Models ${models.version}. Photos are read in this browser and sent nowhere.`);
    if (data.failed) show(`The models cannot be run: ${data.failed}`);
  });
  worker.addEventListener("error", () => show(broken.message));
}

worker.addEventListener("message", ({ data: { id, record, error } }) => {
  const { done, fail } = waiting.get(id) ?? {};
  waiting.delete(id);
  if (record) done?.(record);
  if (error) fail?.(new Error(error));
});
worker.addEventListener("error", (event) => {
  broken = new Error(`This browser cannot run the models: ${event.message || "their worker does not start"}`);
  for (const { fail } of waiting.values()) fail(broken);
  waiting.clear();
});
