// Photos in, plates out; as lpr/inference/recognizer.py.
import { models, recognizer as constants } from "./constants.js";
import { asBatch, detectorInput, ocrInput } from "./crop.js";
import { decode } from "./ctc.js";
import { Finder } from "./finder.js";
import { plausibility, regions } from "./grammar.js";
import { turned } from "./pixels.js";
import { leaning } from "./quad.js";
import { margins, readCuts, stands } from "./reading.js";
import { boxBefore, QUARTERS, waysToCut } from "./sideways.js";

const { WEAK, CLEAR, FITTING, ILLEGIBLE, ODD, CROPS_AT_ONCE } = constants;
const { threshold } = models.detector;
const { margin } = models.ocr;

const rounded = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

export class Recognizer {
  // `detect` gives, for a batch of images, arrays of rows [x, y, w, h, confidence, 4 x (x, y)]; `recognize` arrays of
  // logits. Both are asynchronous; models.js makes them.
  constructor({ detect, recognize }) {
    this.detect = detect;
    this.finder = new Finder(detect);
    this.recognize = recognize;
  }

  // The plates of a photo, best first, as `lpr read --json` prints them.
  async read(photo) {
    const input = detectorInput(photo);
    const plates = await this.readPlaces(photo, await this.finder.find(photo, input, WEAK * threshold));
    return (plates.length ? plates : await this.readSideways(photo, input)).map(record);
  }

  // A photo without plates as if it lay on its side; as in lpr/inference/sideways.py.
  async readSideways(photo, input) {
    const seen = await this.detect(asBatch(QUARTERS.map((quarters) => turned(input, quarters))));
    let best = [];
    for (const [at, quarters] of QUARTERS.entries()) {
      if (seen[at].every((row) => row[4] < Math.fround(threshold))) continue;
      const image = turned(photo, quarters);
      const places = await this.finder.find(image, turned(input, quarters), threshold);
      const clear = (await this.readPlaces(image, places)).filter(isClear);
      if (!clear.length || (best.length && rank(clear[0]) <= rank(best[0]))) continue;
      best = clear.map((plate) => ({ ...plate, box: boxBefore(plate.box, quarters, photo.width, photo.height) }));
    }
    return best;
  }

  async readPlaces(photo, places) {
    const readings = await this.readings(photo, places);
    const plates = places.map((place, at) => ({ ...place, ...readings[at] })).filter(isPlate);
    return plates.sort((a, b) => rank(b) - rank(a));
  }

  async readings(photo, places) {
    const ways = places.flatMap(({ box, corners }, place) => {
      return (leaning(corners) ? [corners] : waysToCut(box)).map((quad) => ({ place, box, quad }));
    });
    const cut = ({ box, quad }, share) => ocrInput(photo, box, share, quad);
    const logits = await this.logits(ways.map((way) => cut(way, margin)));
    const seen = logits.map(decode);
    // Of the ways to cut a plate the one stands that is read most surely.
    const chosen = places.map((_, place) => {
      const own = ways.flatMap((way, at) => (way.place === place ? [at] : []));
      return own.reduce((best, at) => (seen[at].confidence > seen[best].confidence ? at : best));
    });
    const doubtful = chosen.filter((at) => !stands(seen[at]));
    const further = margins(margin);
    const others = await this.logits(doubtful.flatMap((at) => further.map((share) => cut(ways[at], share))));
    doubtful.forEach((at, number) => {
      seen[at] = readCuts([logits[at], ...others.slice(number * further.length, (number + 1) * further.length)]);
    });
    return chosen.map((at) => seen[at]);
  }

  async logits(crops) {
    const found = [];
    for (let start = 0; start < crops.length; start += CROPS_AT_ONCE) {
      found.push(...(await this.recognize(asBatch(crops.slice(start, start + CROPS_AT_ONCE)))));
    }
    return found;
  }
}

// A clear text of a plate's format makes up for a weak candidate.
function isPlate({ text, confidence, detection }) {
  if (!text || confidence < ILLEGIBLE) return false;
  return detection >= threshold || isClear({ text, confidence });
}

const isClear = ({ text, confidence }) => confidence >= CLEAR && plausibility(text) >= FITTING;

const rank = ({ text, confidence, detection }) => detection * confidence * (ODD + (1 - ODD) * plausibility(text));

function record({ text, confidence, chars, box, detection }) {
  return {
    text,
    confidence: rounded(confidence, 4),
    chars: chars.map((share) => rounded(share, 4)),
    box: box.map((number) => rounded(number, 1)),
    detection: rounded(detection, 4),
    region: regions(text).map(([code, share]) => [code, rounded(share, 4)]),
  };
}
