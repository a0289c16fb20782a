// The two models in ONNX Runtime's WebAssembly.
import { crop, text } from "./constants.js";
import * as ort from "./ort.wasm.bundle.min.mjs";

const { DETECTOR_SIZE, OCR_WIDTH, OCR_HEIGHT } = crop;

// What `Recognizer` takes, from the bytes of the runtime and of the two models.
export async function openModels(runtime, detector, ocr) {
  ort.env.wasm.wasmBinary = runtime;
  ort.env.wasm.numThreads = 1; // more want headers that hosts of static files do not send
  const options = { executionProviders: ["wasm"] };
  const detecting = await ort.InferenceSession.create(detector, options);
  const recognizing = await ort.InferenceSession.create(ocr, options);

  async function run(session, batch, width, height) {
    const count = batch.length / (3 * width * height);
    return session.run({ [session.inputNames[0]]: new ort.Tensor("float32", batch, [count, 3, height, width]) });
  }

  async function detect(batch) {
    const { candidates, corners } = await run(detecting, batch, DETECTOR_SIZE, DETECTOR_SIZE);
    const points = split(corners.data, 8);
    const rows = split(candidates.data, 5).map((row, at) => [...row, ...points[at]]);
    return grouped(rows, candidates.dims[1]);
  }

  async function recognize(batch) {
    const { logits } = await run(recognizing, batch, OCR_WIDTH, OCR_HEIGHT);
    return grouped(split(logits.data, text.ALPHABET.length), logits.dims[1]);
  }

  return { detect, recognize };
}

function split(numbers, size) {
  return Array.from({ length: numbers.length / size }, (_, at) => Array.from(numbers.subarray(at * size, (at + 1) * size)));
}

function grouped(rows, size) {
  return Array.from({ length: rows.length / size }, (_, at) => rows.slice(at * size, (at + 1) * size));
}
