// How photos and plates become the inputs of the two models; as lpr/plate/crop.py.
import { expand } from "./box.js";
import { crop as constants, quad } from "./constants.js";
import { Pixels, resized } from "./pixels.js";
import { straightened } from "./quad.js";

const { DETECTOR_SIZE, DETECTOR_BANDS, OCR_WIDTH, OCR_HEIGHT, DETECTOR_GAP, FINE_GAP } = constants;

// A window of a photo, in its pixels, stretched to the detector's input. Made band by band, as Python does it: where a
// band begins decides which pixels are averaged together.
export function detectorInput(photo, [x, y, w, h] = [0, 0, photo.width, photo.height]) {
  const result = new Pixels(DETECTOR_SIZE, DETECTOR_SIZE);
  const height = DETECTOR_SIZE / DETECTOR_BANDS;
  for (let band = 0; band < DETECTOR_BANDS; band += 1) {
    const part = [x, y + (band * h) / DETECTOR_BANDS, w, h / DETECTOR_BANDS];
    const pixels = cut(photo, part, DETECTOR_SIZE, height, DETECTOR_GAP);
    result.paste(pixels, 0, 0, DETECTOR_SIZE, height, 0, band * height);
  }
  return result;
}

// A plate cut out with a margin, stretched to the OCR's input; straightened where the corners of one that leans are given.
export function ocrInput(photo, box, margin, corners = null) {
  if (corners) return straightened(photo, corners, margin, OCR_WIDTH, OCR_HEIGHT);
  return cut(photo, expand(box, margin), OCR_WIDTH, OCR_HEIGHT, FINE_GAP);
}

// Images of one size as a model's input: (B, 3, H, W) in [0, 1].
export function asBatch(images) {
  const size = images[0].width * images[0].height;
  const batch = new Float32Array(3 * size * images.length);
  images.forEach(({ data }, index) => {
    for (let channel = 0; channel < 3; channel += 1) {
      const to = (3 * index + channel) * size;
      for (let at = 0; at < size; at += 1) batch[to + at] = data[3 * at + channel] / 255;
    }
  });
  return batch;
}

// The window of a photo, resampled; grey beyond the edge.
function cut(photo, [x, y, w, h], width, height, gap) {
  const inside = x >= 0 && y >= 0 && x + w <= photo.width && y + h <= photo.height;
  if (!inside) {
    const [left, top, right, bottom] = [Math.floor(x), Math.floor(y), Math.ceil(x + w), Math.ceil(y + h)];
    const padded = Pixels.filled(Math.max(right - left, 1), Math.max(bottom - top, 1), quad._GREY);
    const visible = [
      Math.max(left, 0), Math.max(top, 0), Math.min(right, photo.width), Math.min(bottom, photo.height),
    ];
    if (visible[0] < visible[2] && visible[1] < visible[3]) {
      padded.paste(photo, ...visible, visible[0] - left, visible[1] - top);
    }
    [photo, x, y] = [padded, x - left, y - top];
  }
  return resized(photo, width, height, [x, y, Math.min(x + w, photo.width), Math.min(y + h, photo.height)], gap);
}
