// Boxes [x, y, width, height]; as lpr/plate/box.py.

export function iou(a, b) {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  const shared = Math.max(width, 0) * Math.max(height, 0);
  const union = a[2] * a[3] + b[2] * b[3] - shared;
  return union > 0 ? shared / union : 0;
}

export function clip([x, y, w, h], width, height) {
  const [left, top] = [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
  const [right, bottom] = [Math.min(Math.max(x + w, 0), width), Math.min(Math.max(y + h, 0), height)];
  return [left, top, right - left, bottom - top];
}

export function expand([x, y, w, h], share) {
  return [x - w * share, y - h * share, w * (1 + 2 * share), h * (1 + 2 * share)];
}

// The rows [x, y, w, h, confidence, ...] that greedy non-maximum suppression keeps, best first.
export function nms(rows, threshold) {
  const kept = [];
  for (const row of [...rows].sort((a, b) => b[4] - a[4])) {
    if (kept.every((better) => iou(better, row) <= threshold)) kept.push(row);
  }
  return kept;
}
