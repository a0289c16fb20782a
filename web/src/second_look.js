// Small or doubtful candidates are judged again at full resolution; as lpr/inference/second_look.py.
import { iou } from "./box.js";
import { second_look as constants } from "./constants.js";

const { SMALL, SURE, SPREAD, MIN_SIDE, WORTHWHILE, AGREEMENT } = constants;

// The neighbourhood of a candidate to look at again, or null when that would gain nothing.
export function windowFor([x, y, w, h], confidence, width, height, leans) {
  if (w >= SMALL * width && confidence >= SURE && !leans) return null;
  const side = Math.max(SPREAD * w, (SPREAD * h) / 2, MIN_SIDE);
  const [wide, tall] = [Math.min(side, width), Math.min(side, height)];
  if (width * height < WORTHWHILE ** 2 * wide * tall) return null;
  const left = Math.min(Math.max(x + w / 2 - wide / 2, 0), width - wide);
  const top = Math.min(Math.max(y + h / 2 - tall / 2, 0), height - tall);
  return [left, top, wide, tall];
}

// A row [x, y, w, h, confidence, 4 x (x, y)] in fractions of a window, in the photo's pixels.
export function toPhoto(row, [x, y, w, h]) {
  const [a, b, c, d, confidence, ...corners] = row;
  const placed = corners.map((place, index) => (index % 2 ? place * h + y : place * w + x));
  return [a * w + x, b * h + y, c * w, d * h, confidence, ...placed];
}

// A candidate as the two looks together judge it.
export function combine(first, seen, threshold) {
  const same = seen.filter((row) => iou(first, row) >= AGREEMENT);
  const best = same.reduce((most, row) => (most && most[4] >= row[4] ? most : row), null);
  const together = best && best[4] >= threshold ? [...best] : [...first];
  together[4] = (first[4] + (best ? best[4] : 0)) / 2;
  return together;
}
