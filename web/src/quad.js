// Plates that stand askew: their corners, and the cut that makes them straight; as lpr/plate/quad.py and
// lpr/inference/corners.py.
import { corners, quad as constants } from "./constants.js";
import { Pixels, reduced, transformed } from "./pixels.js";

const { ANGLE, SLANT } = corners;
const { LEAST_SIDE, _MOST_SAMPLES: MOST_SAMPLES, _GREY: GREY } = constants;
const UNIT = [[0, 0], [1, 0], [1, 1], [0, 1]];

// The first eight numbers of the matrix that maps four points to four others; its ninth is 1.
export function homography(source, target) {
  const rows = source.flatMap(([x, y], index) => {
    const [u, v] = target[index];
    return [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]];
  });
  for (let column = 0; column < 8; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < 8; row += 1) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = column + 1; row < 8; row += 1) {
      const factor = rows[row][column] / rows[column][column];
      for (let place = column; place < 9; place += 1) rows[row][place] -= factor * rows[column][place];
    }
  }
  const result = new Array(8).fill(0);
  for (let row = 7; row >= 0; row -= 1) {
    let value = rows[row][8];
    for (let column = row + 1; column < 8; column += 1) value -= rows[row][column] * result[column];
    result[row] = value / rows[row][row];
  }
  return result;
}

function moved([a, b, c, d, e, f, g, h], [x, y]) {
  const scale = g * x + h * y + 1;
  return [(a * x + b * y + c) / scale, (d * x + e * y + f) / scale];
}

const sides = (quad) => quad.map(([x, y], index) => {
  const [u, v] = quad[(index + 1) % 4];
  return [u - x, v - y];
});
const degrees = (radians) => (radians * 180) / Math.PI;

// Whether a plate is to be straightened: its lines are turned, or its sides lean, by more than the OCR is used to.
export function leaning(quad) {
  const edges = sides(quad);
  const convex = edges.every(([x, y], index) => {
    const [u, v] = edges[(index + 1) % 4];
    return x * v - y * u > 0;
  });
  if (!convex || !(Math.min(...edges.map(([x, y]) => Math.hypot(x, y))) >= LEAST_SIDE)) return false;
  const angle = degrees(Math.atan2(edges[0][1] - edges[2][1], edges[0][0] - edges[2][0]));
  const slant = degrees(Math.atan2(edges[3][0] - edges[1][0], edges[1][1] - edges[3][1]));
  return Math.abs(angle) > ANGLE || Math.abs(slant) > SLANT;
}

// A plate as if seen straight on; grey beyond the photo's edge.
export function straightened(photo, quad, margin, width, height) {
  const inner = UNIT.map((point) => point.map((place) => (place + margin) / (1 + 2 * margin)));
  const outwards = homography(inner, quad);
  const outer = UNIT.map((point) => moved(outwards, point));
  const edges = sides(outer).map(([x, y]) => Math.hypot(x, y));
  const across = Math.max(edges[0], edges[2]) / width;
  const down = Math.max(edges[1], edges[3]) / height;
  const factor = Math.max(1, Math.trunc(Math.min(across, down) / 2));
  const [xs, ys] = [outer.map(([x]) => x), outer.map(([, y]) => y)];
  const left = Math.max(0, Math.floor(Math.min(...xs)) - 2 * factor);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - 2 * factor);
  const right = Math.min(photo.width, Math.ceil(Math.max(...xs)) + 2 * factor);
  const bottom = Math.min(photo.height, Math.ceil(Math.max(...ys)) + 2 * factor);
  if (right <= left || bottom <= top) return Pixels.filled(width, height, GREY);
  const part = reduced(photo, factor, factor, [left, top, right, bottom]);
  const samples = [across, down].map((ratio) => Math.min(MOST_SAMPLES, Math.max(1, Math.ceil(ratio / factor))));
  const size = [width * samples[0], height * samples[1]];
  const back = homography(
    UNIT.map(([x, y]) => [x * size[0], y * size[1]]),
    outer.map(([x, y]) => [(x - left) / factor, (y - top) / factor]),
  );
  return reduced(transformed(part, ...size, back, GREY), ...samples);
}
