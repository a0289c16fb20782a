// CTC prefix beam search, and how likely given texts are; as lpr/decoding/beam.py.
import { beam, ctc, grammar, text } from "./constants.js";
import { probabilities } from "./ctc.js";

const { WIDTH, FAINT, MOST, EMPTY } = beam;
const { ALPHABET } = text;
const { BLANK } = ctc;
const { LONGEST } = grammar;

// The likeliest texts of a crop's logits, best first.
export function beamSearch(logits) {
  // Each text's probability of having ended in "no character", and in its last character.
  let beams = new Map([["", [1, 0]]]);
  for (const step of probabilities(logits)) {
    const blank = step[BLANK];
    if (blank > 1 - FAINT) {
      beams = new Map([...beams].map(([text, [ended, open]]) => [text, [(ended + open) * blank, 0]]));
      continue;
    }
    let likely = step.map((p, index) => [p, index]).filter(([p, index]) => p >= FAINT && index !== BLANK);
    if (likely.length > MOST) likely = likely.sort((a, b) => b[0] - a[0] || b[1] - a[1]).slice(0, MOST);
    const grown = new Map();
    const entry = (text) => grown.get(text) ?? grown.set(text, [0, 0]).get(text);
    for (const [text, [ended, open]] of beams) {
      const here = entry(text);
      here[0] += (ended + open) * blank;
      if (text.length >= LONGEST) continue;
      for (const [p, index] of likely) {
        const character = ALPHABET[index - 1];
        const longer = entry(text + character);
        if (character === text.at(-1)) {
          here[1] += open * p;
          longer[1] += ended * p;
        } else {
          longer[1] += (ended + open) * p;
        }
      }
    }
    const best = [...grown].sort((a, b) => sum(b[1]) - sum(a[1])).slice(0, WIDTH);
    const scale = sum(best[0][1]);
    beams = new Map(best.filter(([, shares]) => sum(shares) > 0).map(([text, [e, o]]) => [text, [e / scale, o / scale]]));
  }
  return [...beams].sort((a, b) => sum(b[1]) - sum(a[1])).map(([text]) => text);
}

const sum = ([ended, open]) => ended + open;

// For each cut the natural logarithm of each text's probability, over all its CTC paths.
export function logLikelihoods(cuts, texts) {
  const steps = cuts.map(probabilities);
  const empty = steps[0].map((_, at) => steps.every((cut) => cut[at][BLANK] > 1 - EMPTY));
  // Of steps in a row that show nothing in any cut one tells as much as all: it parts two equal characters.
  const told = empty.map((nothing, at) => !(nothing && empty.at(at - 1)));
  const kept = empty.every(Boolean) ? steps.map((cut) => cut.slice(0, 1)) : steps.map((cut) => cut.filter((_, at) => told[at]));
  return kept.map((cut) => texts.map((text) => logLikelihood(cut, text)));
}

function logLikelihood(steps, text) {
  // The forward recursion: blanks at even places, characters at odd ones.
  const classes = [BLANK, ...[...text].flatMap((character) => [ALPHABET.indexOf(character) + 1, BLANK])];
  let forward = classes.map((_, place) => (place ? 0 : 1));
  let scale = 0;
  steps.forEach((step, number) => {
    const reached = classes.map((label, place) => {
      let total = forward[place] + (place ? forward[place - 1] : 0);
      // A path begins in the first blank or in the first character.
      if (number && place > 1 && label !== BLANK && label !== classes[place - 2]) total += forward[place - 2];
      return total * step[label];
    });
    const highest = Math.max(...reached, Number.MIN_VALUE);
    forward = reached.map((value) => value / highest);
    scale += Math.log(highest);
  });
  return Math.log(forward.at(-1) + (text ? forward.at(-2) : 0)) + scale;
}
