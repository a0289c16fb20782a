// Where a photo's plates are, by both looks of the detector; as lpr/inference/finder.py.
import { clip, nms } from "./box.js";
import { finder, models } from "./constants.js";
import { asBatch, detectorInput } from "./crop.js";
import { leaning } from "./quad.js";
import { combine, toPhoto, windowFor } from "./second_look.js";

const { CANDIDATES, LOOKS } = finder;
const { threshold, nms_iou: nmsIou } = models.detector;

const cornersOf = (row) => [0, 1, 2, 3].map((corner) => row.slice(5 + 2 * corner, 7 + 2 * corner));

export class Finder {
  // `detect` as `Recognizer` takes it.
  constructor(detect) {
    this.detect = detect;
  }

  // The places {box, detection, corners} of at least such a confidence, of a photo in whose input the detector has seen
  // these rows; candidates are looked at again from a share of the threshold.
  async find(photo, seen, least, again) {
    const whole = [0, 0, photo.width, photo.height];
    // Python compares single-precision numbers here.
    const floor = Math.fround(Math.min(least, again * threshold));
    const likely = seen.filter((row) => row[4] >= floor);
    const rows = nms(likely, nmsIou).slice(0, CANDIDATES).map((row) => toPhoto(row, whole));
    await this.lookAgain(photo, rows, again * threshold);
    const kept = nms(rows.filter((row) => row[4] >= least), nmsIou);
    return kept
      .map((row) => ({ box: clip(row, photo.width, photo.height), detection: row[4], corners: cornersOf(row) }))
      .filter(({ box }) => box[2] >= 1 && box[3] >= 1);
  }

  async lookAgain(photo, rows, floor) {
    const tasks = rows.slice(0, LOOKS).flatMap((row, at) => {
      if (row[4] < floor) return [];
      const window = windowFor(row, row[4], photo.width, photo.height, leaning(cornersOf(row)));
      return window ? [{ at, window }] : [];
    });
    if (!tasks.length) return;
    const outputs = await this.detect(asBatch(tasks.map(({ window }) => detectorInput(photo, window))));
    tasks.forEach(({ at, window }, task) => {
      rows[at] = combine(rows[at], outputs[task].map((row) => toPhoto(row, window)), threshold);
    });
  }
}
