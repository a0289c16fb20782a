// Runs functions of the page's reading code for Python: [[module, function, ...arguments], ...] on standard input, the
// results on standard output. Pixels go both ways as {width, height, data}, their bytes in base64.
import { readFileSync } from "node:fs";

const load = (name) => import(`${process.argv[2]}/${name}.js`);
const { Pixels } = await load("pixels");

function given(value) {
  return value?.data ? new Pixels(value.width, value.height, new Uint8Array(Buffer.from(value.data, "base64"))) : value;
}

const results = [];
for (const [module, name, ...values] of JSON.parse(readFileSync(0))) {
  const result = (await load(module))[name](...values.map(given));
  results.push(result instanceof Pixels ? { ...result, data: Buffer.from(result.data).toString("base64") } : result);
}
process.stdout.write(JSON.stringify(results));
