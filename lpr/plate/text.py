"""The alphabet of plates and the rules for their text."""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The 36 characters that the OCR reads; a character's index here is its class."""

INDEX = {character: index for index, character in enumerate(ALPHABET)}

_SEPARATORS = frozenset(" \t\r\n-–—_.,:;·•*/|'\"()[]")
_LOOKALIKES = str.maketrans("OI", "01")


def normalise(raw: str) -> str:
    """Return `raw` as plate text: upper case, compatibility forms folded, separators dropped.

    What stays may still hold characters outside the alphabet; `foreign` names them.

    >>> normalise("kl-65 dkh")
    'KL65DKH'
    """
    folded = unicodedata.normalize("NFKC", raw).upper()
    return "".join(character for character in folded if character not in _SEPARATORS)


def foreign(text: str) -> str:
    """Return the characters of `text` that are outside the alphabet, in order and each once."""
    return "".join(dict.fromkeys(character for character in text if character not in INDEX))


def fold_lookalikes(text: str) -> str:
    """Return `text` with O as 0 and I as 1: many plates draw these pairs alike."""
    return text.translate(_LOOKALIKES)


def edit_distance(a: str, b: str) -> int:
    """Return the Levenshtein distance of two texts."""
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        current = [i]
        for j, right in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (left != right)))
        previous = current
    return previous[-1]
