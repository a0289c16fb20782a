// How likely a text is to stand on a plate, by the formats of the world's countries; as lpr/world/grammar.py.
import { countries, country as signs, grammar, text } from "./constants.js";

const { FREE, OLDER, LONGEST, NAMED, LEAST } = grammar;
const { ALPHABET } = text;
const { DIGITS, LETTERS, SLOTS } = signs;

// By length of the text: [the characters that may stand in each place, number of the country, logarithm of the weight].
const patterns = new Map();
const total = countries.reduce((sum, country) => sum + Math.sqrt(country.vehicles), 0);
countries.forEach((country, number) => {
  const share = ((1 - FREE) * Math.sqrt(country.vehicles)) / total;
  const shares = new Map(country.current.map((pattern) => [pattern, 1]));
  for (const pattern of country.older) if (!shares.has(pattern)) shares.set(pattern, OLDER);
  const all = [...shares.values()].reduce((sum, value) => sum + value);
  for (const [pattern, weight] of shares) {
    const places = [...pattern].map((sign) => {
      const allowed = SLOTS[sign] ?? sign;
      return sign in SLOTS ? [...allowed].filter((character) => !country.never.includes(character)).join("") : allowed;
    });
    const entries = patterns.get(pattern.length) ?? [];
    entries.push([places, number, Math.log((share * weight) / all)]);
    patterns.set(pattern.length, entries);
  }
});

function fits(text) {
  const found = [];
  for (const [places, number, weight] of patterns.get(text.length) ?? []) {
    if (places.every((allowed, at) => allowed.includes(text[at]))) {
      found.push([number, places.reduce((sum, allowed) => sum - Math.log(allowed.length), weight)]);
    }
  }
  return found;
}

function free(text) {
  if (text.length < 1 || text.length > LONGEST) return -Infinity;
  return Math.log(FREE / LONGEST) - text.length * Math.log(ALPHABET.length);
}

function logSum(values) {
  const highest = Math.max(-Infinity, ...values);
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

// How much likelier the text is than by chance, as a natural logarithm.
export function logRatio(text) {
  const digits = [...text].filter((character) => DIGITS.includes(character)).length;
  const chance = digits * Math.log(0.5 / DIGITS.length) + (text.length - digits) * Math.log(0.5 / LETTERS.length);
  return logSum([free(text), ...fits(text).map(([, fit]) => fit)]) - chance;
}

// The likeliest countries of a text, best first, with their probabilities.
export function regions(text) {
  const found = fits(text);
  const all = logSum([free(text), ...found.map(([, fit]) => fit)]);
  const shares = new Map();
  for (const [number, fit] of found) shares.set(number, (shares.get(number) ?? 0) + Math.exp(fit - all));
  const best = [...shares].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, NAMED);
  return best.filter(([, share]) => share >= LEAST).map(([number, share]) => [countries[number].code, share]);
}

// The probability that a text which was read somewhere follows a country's format.
export function plausibility(text) {
  const fit = logSum(fits(text).map(([, value]) => value));
  return fit === -Infinity ? 0 : Math.exp(fit - logSum([free(text), fit]));
}
