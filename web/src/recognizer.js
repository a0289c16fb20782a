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

const { WEAK, CLEAR, SURE, FITTING, ILLEGIBLE, EVIDENT, ODD, CROPS_AT_ONCE } = constants;
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
    const [seen] = await this.detect(asBatch([input]));
    const plates = await this.readPlaces(photo, await this.finder.find(photo, seen, WEAK * threshold, WEAK));
    return (plates.length ? plates : await this.readSideways(photo, input)).map(record);
  }

  async readPlaces(photo, places) {
    const cuts = await this.cut(photo, places);
    // Below the threshold nothing but a text that is sure at first sight makes a plate.
    const likely = cuts.filter(({ place, reading }) => place.detection >= threshold || stands(reading));
    const readings = await this.decide(photo, likely);
    const plates = likely.map(({ place }, at) => ({ ...place, ...readings[at] }));
    return plates.filter(isRead).sort((a, b) => rank(b) - rank(a));
  }

  // A photo without plates as if it lay on its side; as in lpr/inference/sideways.py.
  async readSideways(photo, input) {
    const seen = await this.detect(asBatch(QUARTERS.map((quarters) => turned(input, quarters))));
    let best = [];
    for (const [at, quarters] of QUARTERS.entries()) {
      if (seen[at].every((row) => row[4] < Math.fround(threshold))) continue;
      const image = turned(photo, quarters);
      const places = await this.finder.find(image, seen[at], threshold, WEAK);
      const clear = (await this.readPlaces(image, places)).filter(isClear);
      if (!clear.length || (best.length && rank(clear[0]) <= rank(best[0]))) continue;
      best = clear.map((plate) => ({ ...plate, box: boxBefore(plate.box, quarters, photo.width, photo.height) }));
    }
    return best;
  }

  // Each place as it is cut best, {place, quad, logits, reading}: of the ways to cut it, the one that is read most surely.
  async cut(photo, places) {
    const ways = places.flatMap((place) => {
      return (leaning(place.corners) ? [place.corners] : waysToCut(place.box)).map((quad) => ({ place, quad }));
    });
    const logits = await this.logits(ways.map(({ place, quad }) => ocrInput(photo, place.box, margin, quad)));
    const cuts = ways.map((way, at) => ({ ...way, logits: logits[at], reading: decode(logits[at]) }));
    return places.map((place) => {
      const own = cuts.filter((cut) => cut.place === place);
      return own.reduce((best, cut) => (cut.reading.confidence > best.reading.confidence ? cut : best));
    });
  }

  // What each cut plate reads: at first sight, or, of one that leaves a doubt, by all its cuts.
  async decide(photo, cuts) {
    const doubtful = cuts.filter(({ reading }) => !stands(reading));
    const others = await this.logits(
      doubtful.flatMap(({ place, quad }) => margins(margin).map((share) => ocrInput(photo, place.box, share, quad))),
    );
    return cuts.map((cut) => (stands(cut.reading) ? cut.reading : readCuts([cut.logits, ...others.splice(0, 2)])));
  }

  async logits(crops) {
    const found = [];
    for (let start = 0; start < crops.length; start += CROPS_AT_ONCE) {
      found.push(...(await this.recognize(asBatch(crops.slice(start, start + CROPS_AT_ONCE)))));
    }
    return found;
  }
}

function isRead({ text, confidence, detection }) {
  if (!text || confidence < ILLEGIBLE) return false;
  return detection >= EVIDENT || confidence >= SURE || plausibility(text) >= FITTING;
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
