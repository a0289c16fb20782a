"""How likely a text is to stand on a plate, by the formats of the world's countries."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lpr.base.errors import LprError
from lpr.plate.text import ALPHABET, INDEX
from lpr.world.formats.catalogue import COUNTRIES
from lpr.world.formats.country import DIGITS, LETTERS, SLOTS, Country, slots

FREE = 0.1
"""Share of plates that follow no format: words of the owner's choice, and what is missing from the formats."""
OLDER = 0.3
"""How often an older pattern of a country is met for each time that a current one is."""
LONGEST = 16
"""Characters that a plate without a format has at most."""
NAMED, LEAST = 3, 0.05
"""Countries that are named for a text, and the probability from which they are."""


class Grammar:
    """A mixture of the countries' patterns and of a free model, which gives any text of one to 16 characters a chance.

    A country's weight is the square root of its vehicles, so that small countries count for something; within a
    pattern all characters that the country uses are equally likely. The free model's lengths, and its characters, are.

    Args:
        regions: ISO 3166-1 alpha-2 codes of the countries that plates come from; None: all.

    Raises:
        LprError: a code is not known, or none is given.
    """

    def __init__(self, regions: Sequence[str] | None = None) -> None:
        self._countries = _chosen(regions)
        rows: dict[tuple[str, str], int] = {}
        patterns: dict[int, list[tuple[list[int], int, float]]] = defaultdict(list)
        total = sum(math.sqrt(country.vehicles) for country in self._countries)
        for number, country in enumerate(self._countries):
            share = (1 - FREE) * math.sqrt(country.vehicles) / total
            for pattern, weight in _weights(country).items():
                places = [rows.setdefault((sign, country.never), len(rows)) for sign in pattern]
                patterns[len(pattern)].append((places, number, math.log(share * weight)))
        self._rows = _log_probabilities(list(rows))
        # By length: `(P, L)` rows of each pattern's places, `(P,)` countries, `(P,)` logarithms of the weights.
        self._patterns = {
            length: (
                np.array([places for places, _, _ in entries]),
                np.array([number for _, number, _ in entries]),
                np.array([weight for _, _, weight in entries]),
            )
            for length, entries in patterns.items()
        }

    def log_probability(self, text: str) -> float:
        """Return the natural logarithm of the text's probability, -inf for none and for more than 16 characters."""
        return float(np.logaddexp(_free(text), np.logaddexp.reduce(self._fits(text)[1], initial=-np.inf)))

    def log_ratio(self, text: str) -> float:
        """Return how much likelier the text is than by chance, as a natural logarithm: what the formats add to an OCR.

        An OCR's probability of a text holds already that there are 26 letters and 10 digits. By chance, each character
        is a letter or a digit equally often, so that a longer text or one of more letters is not less likely for that.
        """
        digits = sum(character.isdigit() for character in text)
        chance = digits * math.log(0.5 / len(DIGITS)) + (len(text) - digits) * math.log(0.5 / len(LETTERS))
        return self.log_probability(text) - chance

    def regions(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return the likeliest countries of a text, best first, with their probabilities in (0, 1].

        They add up to less than 1: there are other countries, and plates without a format. Empty where none fits.
        """
        numbers, fits = self._fits(text)
        total = np.logaddexp(_free(text), np.logaddexp.reduce(fits, initial=-np.inf))
        if not np.isfinite(total):
            return ()
        shares = np.bincount(numbers, np.exp(fits - total), len(self._countries))
        best = np.argsort(-shares, kind="stable")[:NAMED]
        return tuple(
            (self._countries[number].code, float(shares[number])) for number in best if shares[number] >= LEAST
        )

    def plausibility(self, text: str) -> float:
        """Return the probability in [0, 1] that a text which was read somewhere follows a country's format."""
        fits = np.logaddexp.reduce(self._fits(text)[1], initial=-np.inf)
        return float(np.exp(fits - np.logaddexp(_free(text), fits))) if np.isfinite(fits) else 0.0

    def _fits(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return, for each pattern of the text's length, its country and the logarithm of weight times likelihood."""
        if len(text) not in self._patterns:
            return np.zeros(0, np.int64), np.zeros(0)
        places, numbers, weights = self._patterns[len(text)]
        return numbers, weights + self._rows[places, [INDEX[character] for character in text]].sum(axis=1)


def check_regions(regions: Sequence[str] | None) -> None:
    """Raise LprError when a code of a country is not known, or the list is empty."""
    _chosen(regions)


def _chosen(regions: Sequence[str] | None) -> list[Country]:
    if regions is None:
        return list(COUNTRIES.values())
    if isinstance(regions, str) or not regions:
        raise LprError(f"regions is {regions!r}: give a list of countries, as ['BR', 'AR'], or None for all")
    if unknown := [code for code in regions if code not in COUNTRIES]:
        raise LprError(f"region {unknown[0]!r} is not known; known are {', '.join(sorted(COUNTRIES))}")
    return [COUNTRIES[code] for code in dict.fromkeys(regions)]


def _weights(country: Country) -> dict[str, float]:
    """Return the shares of a country's patterns, which add up to 1. Lines and signs between groups do not matter."""
    weights = {slots(pattern): 1.0 for pattern in country.patterns()}
    for pattern in country.patterns(older=True):
        weights.setdefault(slots(pattern), OLDER)
    total = sum(weights.values())
    return {pattern: weight / total for pattern, weight in weights.items()}


def _log_probabilities(places: list[tuple[str, str]]) -> NDArray[np.float64]:
    """Return `(R, 36)`: of each character where a pattern has a sign and the country never uses some letters."""
    rows = np.full((len(places), len(ALPHABET)), -np.inf)
    for row, (sign, never) in zip(rows, places, strict=True):
        allowed = [
            INDEX[character] for character in SLOTS.get(sign, sign) if sign not in SLOTS or character not in never
        ]
        row[allowed] = -math.log(len(allowed))
    return rows


def _free(text: str) -> float:
    if not 1 <= len(text) <= LONGEST:
        return -math.inf
    return math.log(FREE / LONGEST) - len(text) * math.log(len(ALPHABET))
