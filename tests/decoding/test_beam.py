"""CTC beam search and likelihoods against sums over all paths."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest

from lpr.decoding.beam import beam_search, log_likelihoods
from lpr.decoding.ctc import decode, probabilities
from lpr.plate.text import ALPHABET

SHOWN = "AB0"


def few(rng: np.random.Generator, steps: int) -> np.ndarray:
    """Log-odds of some time steps in which three characters alone are possible."""
    logits = np.full((steps, 36), -60, np.float32)
    logits[:, [ALPHABET.index(c) for c in SHOWN]] = rng.normal(0, 1.5, (steps, 3))
    return logits


def by_all_paths(logits: np.ndarray) -> dict[str, float]:
    """Return the probability of each text, summed over all paths that collapse to it."""
    shares = probabilities(logits)
    signs = {0: ""} | {ALPHABET.index(c) + 1: c for c in SHOWN}
    texts: dict[str, float] = defaultdict(float)
    for path in product(signs, repeat=len(logits)):
        text = "".join(signs[sign] for sign, _ in groupby(path))
        texts[text] += float(np.prod([shares[step, sign] for step, sign in enumerate(path)]))
    return texts


@pytest.mark.parametrize("seed", range(5))
def test_likelihoods_are_the_sums_over_all_paths(seed: int) -> None:
    cuts = np.stack([few(np.random.default_rng((seed, cut)), 6) for cut in range(2)])
    expected = [by_all_paths(cut) for cut in cuts]
    texts = sorted(expected[0], key=lambda text: -expected[0][text])[:40]
    found = np.exp(log_likelihoods(cuts, texts))
    assert found == pytest.approx(np.array([[paths[text] for text in texts] for paths in expected]), rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_search_finds_the_likeliest_texts_in_order(seed: int) -> None:
    logits = few(np.random.default_rng(seed), 5)
    expected = by_all_paths(logits)
    assert beam_search(logits, 400)[:6] == sorted(expected, key=lambda text: -expected[text])[:6]


def test_the_likeliest_text_may_lie_on_no_best_path() -> None:
    # Twice 0.4 for A and 0.6 for nothing: the best path is empty (0.36), A has 0.64.
    logits = np.full((2, 36), -60, np.float32)
    logits[:, 10] = np.log(0.4 / 0.6)
    assert decode(logits).text == ""
    assert beam_search(logits)[:2] == ["A", ""]
    assert np.exp(log_likelihoods(logits[None], ["A", "", "AA"])[0]) == pytest.approx([0.64, 0.36, 0], abs=1e-6)


def test_empty_steps_part_equal_characters_and_are_else_skipped() -> None:
    logits = np.full((64, 36), -20, np.float32)
    logits[[10, 30, 31], 10] = 20
    assert beam_search(logits)[0] == "AA"
    assert np.exp(log_likelihoods(logits[None], ["AA", "A"])[0]) == pytest.approx([1, 0], abs=1e-4)
    nothing = np.full((1, 64, 36), -20, np.float32)
    assert np.exp(log_likelihoods(nothing, ["", "A"])[0]) == pytest.approx([1, 0], abs=1e-4)


def test_a_text_longer_than_the_steps_is_impossible() -> None:
    assert log_likelihoods(np.zeros((1, 2, 36), np.float32), ["AAA", "ABC"]).tolist() == [[-np.inf, -np.inf]]


def test_texts_have_no_more_characters_than_plates() -> None:
    noise = np.random.default_rng(3).normal(0, 2, (64, 36)).astype(np.float32)
    assert len(decode(noise).text) > 40
    assert {len(text) for text in beam_search(noise)} == {16}
