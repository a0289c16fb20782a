// From the OCR's logits to text; as lpr/decoding/ctc.py. Logits are arrays of steps, each of 36 log-odds.
import { ctc, text } from "./constants.js";

const { ALPHABET } = text;
const { BLANK } = ctc;

// The 37-way softmax of each step; index 0 is "no character".
export function probabilities(steps) {
  return steps.map((step) => {
    const highest = Math.max(0, ...step);
    const shares = [0, ...step].map((value) => Math.exp(value - highest));
    const total = shares.reduce((sum, share) => sum + share);
    return shares.map((share) => share / total);
  });
}

// The best path's reading: its text, a probability for each character, and the lowest of them.
export function decode(steps) {
  let [text, chars, last] = ["", [], BLANK];
  for (const step of steps) {
    const highest = Math.max(0, ...step);
    const label = highest > 0 ? step.indexOf(highest) + 1 : BLANK;
    const peak = 1 / (Math.exp(-highest) + step.reduce((sum, value) => sum + Math.exp(value - highest), 0));
    if (Number.isNaN(peak)) return reading("", []);
    if (label !== BLANK && label === last) {
      chars[chars.length - 1] = Math.max(chars[chars.length - 1], peak);
    } else if (label !== BLANK) {
      text += ALPHABET[label - 1];
      chars.push(peak);
    }
    last = label;
  }
  return reading(text, chars);
}

export function reading(text, chars) {
  return { text, chars, confidence: chars.length ? Math.min(...chars) : 0 };
}
