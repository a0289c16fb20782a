// Reads photos with the page's code, and with model outputs that Python recorded: {photos, calls} on standard input, the
// plates of each photo on standard output. It fails where the code asks the models something else than Python did.
import { readFileSync } from "node:fs";

const load = (name) => import(`${process.argv[2]}/${name}.js`);
const { Pixels } = await load("pixels");
const { Recognizer } = await load("recognizer");
const { photos, calls } = JSON.parse(readFileSync(0));

function replayed(kind) {
  return async (batch) => {
    const call = calls.shift();
    const mean = batch.reduce((sum, value) => sum + value, 0) / batch.length;
    if (call?.kind !== kind || call.size !== batch.length || Math.abs(call.mean - mean) > 1e-3) {
      const { outputs, ...asked } = call ?? {};
      throw new Error(`asks the ${kind} for ${batch.length} values of mean ${mean}; Python: ${JSON.stringify(asked)}`);
    }
    return call.outputs;
  };
}

const recognizer = new Recognizer({ detect: replayed("detector"), recognize: replayed("ocr") });
const results = [];
for (const { width, height, data } of photos) {
  results.push(await recognizer.read(new Pixels(width, height, new Uint8Array(Buffer.from(data, "base64")))));
}
if (calls.length) throw new Error(`${calls.length} calls of the models are left over`);
process.stdout.write(JSON.stringify(results));
