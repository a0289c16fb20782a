// Files as upright RGB pixels, in a browser; what is transparent becomes white, as in lpr/plate/photo.py.
import { photos } from "./constants.js";
import { Pixels } from "./pixels.js";

const STRIP = 1 << 20; // pixels that are drawn at a time: phones refuse canvases of a whole photo's size

export async function loadPhoto(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { colorSpaceConversion: "none" });
  } catch {
    throw new Error("This is not an image that this browser can decode.");
  }
  const { width, height } = picture;
  try {
    if (width * height > photos.MAX_PIXELS) {
      throw new Error(`The photo has more than ${photos.MAX_PIXELS / 1e6} megapixels; scale it down.`);
    }
    return drawn(picture, new Pixels(width, height));
  } finally {
    picture.close();
  }
}

function drawn(picture, pixels) {
  const { width, height, data } = pixels;
  const rows = Math.min(Math.max(Math.floor(STRIP / width), 1), height);
  const context = new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true });
  for (let top = 0; top < height; top += rows) {
    context.fillStyle = "white";
    context.fillRect(0, 0, width, rows);
    context.drawImage(picture, 0, -top);
    const strip = context.getImageData(0, 0, width, Math.min(rows, height - top)).data;
    for (let from = 0, to = 3 * top * width; from < strip.length; from += 4, to += 3) {
      data[to] = strip[from];
      data[to + 1] = strip[from + 1];
      data[to + 2] = strip[from + 2];
    }
  }
  return pixels;
}
