// RGB pixels of 8 bits, resampled as Pillow does it, to the grey level: the models read what they read in Python.

const BITS = 22; // of fractions in Pillow's fixed-point weights

export class Pixels {
  // `data` holds 3 bytes a pixel, row by row.
  constructor(width, height, data = new Uint8Array(3 * width * height)) {
    this.width = width;
    this.height = height;
    this.data = data;
  }

  static filled(width, height, colour) {
    const made = new Pixels(width, height);
    for (let at = 0; at < made.data.length; at += 3) made.data.set(colour, at);
    return made;
  }

  crop(left, top, right, bottom) {
    const part = new Pixels(right - left, bottom - top);
    part.paste(this, left, top, right, bottom, 0, 0);
    return part;
  }

  // Copies a part of another image to the place (x, y) of this one.
  paste(other, left, top, right, bottom, x, y) {
    for (let row = top; row < bottom; row += 1) {
      const from = 3 * (row * other.width + left);
      this.data.set(other.data.subarray(from, from + 3 * (right - left)), 3 * ((y + row - top) * this.width + x));
    }
  }
}

// An image turned counterclockwise by one quarter or by three.
export function turned(image, quarters) {
  const { width, height } = image;
  const result = new Pixels(height, width);
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, from += 3) {
      const [column, row] = quarters === 1 ? [y, width - 1 - x] : [height - 1 - y, x];
      const to = 3 * (row * height + column);
      result.data[to] = image.data[from];
      result.data[to + 1] = image.data[from + 1];
      result.data[to + 2] = image.data[from + 2];
    }
  }
  return result;
}

// Pillow's `Image.reduce`: the means of `across` x `down` pixels of a box in whole pixels; fewer at the far edges.
export function reduced(image, across, down, box = [0, 0, image.width, image.height]) {
  const [left, top, right, bottom] = box;
  const result = new Pixels(Math.ceil((right - left) / across), Math.ceil((bottom - top) / down));
  const sums = new Uint32Array(3 * result.width);
  for (let row = 0; row < result.height; row += 1) {
    const first = top + row * down;
    const last = Math.min(first + down, bottom);
    sums.fill(0);
    for (let y = first; y < last; y += 1) {
      let from = 3 * (y * image.width + left);
      for (let column = 0; column < result.width; column += 1) {
        const to = 3 * column;
        const end = from + 3 * Math.min(across, right - left - column * across);
        for (; from < end; from += 3) {
          sums[to] += image.data[from];
          sums[to + 1] += image.data[from + 1];
          sums[to + 2] += image.data[from + 2];
        }
      }
    }
    for (let column = 0; column < result.width; column += 1) {
      const count = (last - first) * Math.min(across, right - left - column * across);
      const multiplier = Math.floor(Math.fround(2 ** 32 / (256 * count)));
      for (let channel = 0; channel < 3; channel += 1) {
        const sum = sums[3 * column + channel] + (count >> 1);
        result.data[3 * (row * result.width + column) + channel] = Math.floor((sum * multiplier) / 2 ** 24);
      }
    }
  }
  return result;
}

// Pillow's `Image.resize` with bilinear filtering, of a box in pixels and their fractions, and its `reducing_gap`.
export function resized(image, width, height, box, gap) {
  const [left, top, right, bottom] = box;
  const across = Math.trunc((right - left) / width / gap) || 1;
  const down = Math.trunc((bottom - top) / height / gap) || 1;
  if (across === 1 && down === 1) return resampled(image, width, height, box);
  const reach = [(0.5 * (right - left)) / width, (0.5 * (bottom - top)) / height];
  const safe = [
    Math.max(0, Math.trunc(left - reach[0])), Math.max(0, Math.trunc(top - reach[1])),
    Math.min(image.width, Math.ceil(right + reach[0])), Math.min(image.height, Math.ceil(bottom + reach[1])),
  ];
  const [x, y] = safe;
  const inner = [(left - x) / across, (top - y) / down, (right - x) / across, (bottom - y) / down];
  return resampled(reduced(image, across, down, safe), width, height, inner);
}

function resampled(image, width, height, box) {
  const [left, top, right, bottom] = box.map(Math.fround);
  const columns = weights(image.width, left, right, width);
  const rows = weights(image.height, top, bottom, height);
  const [spare, spareDown] = [image.width - width, image.height - height];
  // As Pillow 13; older ones always mix the columns first, which differs by a grey level at most.
  if (spareDown > 0 && spareDown > 2 * spare) {
    const [first, last] = used(columns);
    return mixedAcross(mixedDown(image, rows, first, last), moved(columns, first), 0, height);
  }
  const [first, last] = used(rows);
  return mixedDown(mixedAcross(image, columns, first, last), moved(rows, first), 0, width);
}

// What the weights of a direction use of the source, from the first to behind the last.
function used(weights) {
  const { start, shares } = weights.at(-1);
  return [weights[0].start, start + shares.length];
}

const moved = (weights, by) => weights.map(({ start, shares }) => ({ start: start - by, shares }));

// The rows from `first` to before `last`, each mixed to as many pixels as there are weights.
function mixedAcross(image, columns, first, last) {
  const result = new Pixels(columns.length, last - first);
  for (let y = first, to = 0; y < last; y += 1) {
    for (const { start, shares } of columns) {
      mix(image.data, 3 * (y * image.width + start), 3, shares, result.data, to);
      to += 3;
    }
  }
  return result;
}

// The columns from `first` to before `last`, each mixed to as many pixels as there are weights.
function mixedDown(image, rows, first, last) {
  const result = new Pixels(last - first, rows.length);
  let to = 0;
  for (const { start, shares } of rows) {
    for (let x = first; x < last; x += 1, to += 3) {
      mix(image.data, 3 * (start * image.width + x), 3 * image.width, shares, result.data, to);
    }
  }
  return result;
}

function mix(data, from, step, shares, target, to) {
  let red = 1 << (BITS - 1);
  let green = red;
  let blue = red;
  for (const share of shares) {
    red += data[from] * share;
    green += data[from + 1] * share;
    blue += data[from + 2] * share;
    from += step;
  }
  target[to] = Math.min(red >> BITS, 255);
  target[to + 1] = Math.min(green >> BITS, 255);
  target[to + 2] = Math.min(blue >> BITS, 255);
}

// For each of `count` pixels of the result: the first of the source's that it is mixed from, and their shares.
function weights(size, begin, end, count) {
  const scale = Math.fround(end - begin) / count;
  const support = Math.max(scale, 1);
  return Array.from({ length: count }, (_, index) => {
    const centre = begin + (index + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const stop = Math.min(Math.trunc(centre + support + 0.5), size);
    const raw = [];
    let total = 0;
    for (let at = start; at < stop; at += 1) {
      raw.push(Math.max(1 - Math.abs((at - centre + 0.5) * (1 / support)), 0));
      total += raw[raw.length - 1];
    }
    return { start, shares: Int32Array.from(raw, (share) => Math.trunc(0.5 + (share / total) * 2 ** BITS)) };
  });
}

// Pillow's `Image.transform` with PERSPECTIVE, bilinear: `back` holds the first eight numbers of the matrix that maps the
// result's pixels to the image's.
export function transformed(image, width, height, back, colour) {
  const [a, b, c, d, e, f, g, h] = back;
  const result = Pixels.filled(width, height, colour);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [u, v] = [column + 0.5, row + 0.5];
      const x = (a * u + b * v + c) / (g * u + h * v + 1);
      const y = (d * u + e * v + f) / (g * u + h * v + 1);
      if (!(x >= 0 && x < image.width && y >= 0 && y < image.height)) continue;
      const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
      const [dx, dy] = [x - 0.5 - left, y - 0.5 - top];
      const columns = [Math.max(left, 0), Math.min(left + 1, image.width - 1)];
      const rows = [Math.max(top, 0), Math.min(top + 1, image.height - 1)];
      for (let channel = 0; channel < 3; channel += 1) {
        const [upper, lower] = rows.map((y) => {
          const [p, q] = columns.map((x) => image.data[3 * (y * image.width + x) + channel]);
          return p + (q - p) * dx;
        });
        result.data[3 * (row * width + column) + channel] = upper + (lower - upper) * dy;
      }
    }
  }
  return result;
}
