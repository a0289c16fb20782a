"""What the OCR's training shows, and how it makes the confidence honest."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lpr.data.crops import STORED, Crop
from lpr.records.params import Ocr, load_params
from lpr.training.ocr.task import Samples
from lpr.training.ocr.temperature import best_temperature, read

CENTRES = ((0.25, 0.5), (0.75, 0.5))


def params(**values: object) -> Ocr:
    return load_params().ocr.model_copy(update=values)


def test_an_epoch_shows_photographs_and_two_line_plates_as_often_as_asked() -> None:
    crops = [
        Crop(Path("rendered"), None, "AA", 1, CENTRES),
        Crop(Path("rendered-two"), None, "BB", 2, CENTRES),
        Crop(Path("photograph"), None, "CC", None, None),
        Crop(Path("photograph-two"), None, "DD", 2, None),
    ]
    stored = np.zeros((4, *STORED, 3), np.uint8)
    samples = Samples(crops, stored, params(photographs=3, two_line=2), seed=1)
    texts = ["".join("ABCD"[value - 11] for value in samples[(0, i)]["classes"][:1]) for i in range(len(samples))]
    assert Counter(texts) == {"A": 1, "B": 2, "C": 3, "D": 6}


def logits(confidence: float) -> np.ndarray:
    """One character, in one of four time steps, with this probability against "no character"."""
    steps = np.full((4, 36), -20.0, np.float32)
    steps[1, 10] = np.log(confidence / (1 - confidence))
    return steps


def test_too_sure_a_model_is_cooled_until_it_is_right_as_often_as_it_says() -> None:
    # It says 0.98 and is right in 80 of 100: log-odds of 3.892 have to become 1.386, so the temperature is 2.81.
    cuts = np.stack([[logits(0.98)] * 100] * 3)
    temperature = best_temperature(cuts, ["A"] * 80 + ["B"] * 20)
    assert temperature == pytest.approx(3.892 / 1.386, rel=0.03)
    assert read(cuts, temperature)[0].confidence == pytest.approx(0.8, abs=0.002)


def test_too_doubtful_a_model_is_made_surer() -> None:
    # It says 0.7 (0.847) and is right in 95 of 100 (2.944): a temperature of 0.288.
    temperature = best_temperature(np.stack([[logits(0.7)] * 100] * 3), ["A"] * 95 + ["B"] * 5)
    assert temperature == pytest.approx(0.847 / 2.944, rel=0.01)


def test_cuts_that_disagree_lower_the_confidence_that_is_made_honest() -> None:
    # Two of three cuts see nothing, so that the third's 0.7 (0.847) counts a third, 0.233. Right in 25 of 100, it
    # needs 0.75 (1.099), which is still below what counts as sure.
    cuts = np.stack([[logits(0.7)] * 100, [logits(0.001)] * 100, [logits(0.001)] * 100])
    temperature = best_temperature(cuts, ["A"] * 25 + ["B"] * 75)
    assert temperature == pytest.approx(0.847 / 1.099, rel=0.01)


@pytest.mark.parametrize("right", [True, False])
def test_readings_of_one_kind_say_nothing_of_doubt(right: bool) -> None:
    assert best_temperature(np.stack([[logits(0.9)] * 10] * 3), ["A" if right else "B"] * 10) == 1.0
