// Photos and plates that lie on their side; as lpr/inference/sideways.py.
import { crop, sideways } from "./constants.js";

// The turns that may make such a photo upright, in quarters counterclockwise.
export const QUARTERS = Object.values(sideways.QUARTERS);

// Where a box of a photo that was turned by so many quarters lies in the photo as it was.
export function boxBefore([x, y, w, h], quarters, width, height) {
  return quarters === 1 ? [width - y - h, x, h, w] : [y, height - x - w, h, w];
}

// How the plate in a box may have to be cut: along the box (null), and turned both ways where that is tall.
export function waysToCut([x, y, w, h]) {
  if (h < crop.TALL * w) return [null];
  const [a, b, c, d] = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
  return [null, [d, a, b, c], [b, c, d, a]];
}
