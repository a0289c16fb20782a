// One reading out of the cuts of a plate; as lpr/decoding/reading.py.
import { beamSearch, logLikelihoods } from "./beam.js";
import { grammar, reading as constants } from "./constants.js";
import { decode, reading } from "./ctc.js";
import { logRatio, plausibility } from "./grammar.js";

const { SURE, FITTING, SHIFT, WEIGHT } = constants;

// The margins of the two further cuts of a plate that was cut with `margin`.
export const margins = (margin) => [margin - SHIFT, margin + SHIFT];

// Whether a first reading needs no further cuts.
export const stands = ({ text, confidence }) => confidence >= SURE && plausibility(text) >= FITTING;

const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
const highest = (values) => values.indexOf(Math.max(...values));

// What a plate's cuts, arrays of logits, say together; the usual cut comes first.
export function readCuts(cuts) {
  const first = decode(cuts[0]);
  if (stands(first)) return first;
  const seen = cuts.filter((cut) => cut.every((step) => step.every(Number.isFinite)));
  if (!seen.length) return reading("", []);
  const alone = seen.map(decode);
  const likely = [...alone.map((one) => one.text), ...seen.flatMap(beamSearch)];
  const texts = [...new Set(likely)].filter((text) => text.length <= grammar.LONGEST);
  const likelihoods = logLikelihoods(seen, texts);
  const ours = texts.map((_, at) => mean(likelihoods.map((cut) => cut[at])));
  if (!texts[highest(ours)]) return reading("", []);
  const chosen = highest(texts.map((text, at) => ours[at] + WEIGHT * logRatio(text)));
  const changed = chosen !== highest(ours);
  const text = texts[chosen];
  const rows = alone.map((one, cut) => {
    if (one.text === text && !changed) return one.chars;
    return Array(text.length).fill(Math.exp(likelihoods[cut][chosen]));
  });
  return reading(text, [...text].map((_, at) => mean(rows.map((row) => row[at]))));
}
