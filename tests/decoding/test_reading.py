"""One reading out of several cuts: by hand, and when the recogniser makes more than one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lpr.inference.text_reader as module
from lpr.decoding.ctc import Reading, decode
from lpr.decoding.reading import SHIFT, read_cuts
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.plate.text import ALPHABET
from lpr.world.grammar import Grammar

BOX = (8.0, 8.0, 100.0, 40.0)


@pytest.fixture(scope="module")
def world() -> Grammar:
    return Grammar()


def cut(*places: dict[str, float]) -> np.ndarray:
    """Log-odds of a cut whose characters stand apart, each with the given probabilities (the rest: nothing)."""
    logits = np.full((16, 36), -30, np.float32)
    for number, shares in enumerate(places):
        nothing = max(1 - sum(shares.values()), 1e-9)
        for character, share in shares.items():
            logits[2 * number, ALPHABET.index(character)] = np.log(share / nothing)
    return logits


def sure(text: str) -> list[dict[str, float]]:
    return [{character: 0.999} for character in text]


def test_a_sure_reading_stands_whatever_the_formats_and_other_cuts_say(world: Grammar) -> None:
    odd = cut(*sure("ABC12"), {"O": 0.9, "0": 0.1})
    assert decode(odd).text == "ABC12O"
    assert read_cuts([odd, cut(*sure("XYZ999"))], world) == decode(odd)


def test_formats_choose_between_what_looks_alike_and_make_nothing_surer(world: Grammar) -> None:
    doubtful = cut(*sure("ABC12"), {"O": 0.55, "0": 0.45})
    assert decode(doubtful).text == "ABC12O"
    reading = read_cuts([doubtful], world)
    assert reading.text == "ABC120"
    # The whole text's own probability, everywhere.
    assert reading.confidence == pytest.approx(0.45 * 0.999**5, abs=1e-3)
    assert reading.chars == (reading.confidence,) * 6


def test_what_is_likely_enough_stands_against_the_formats(world: Grammar) -> None:
    reading = read_cuts([cut(*sure("ABC12"), {"O": 0.79, "0": 0.006})], world)
    assert reading.text == "ABC12O"
    assert reading.confidence == pytest.approx(0.79, abs=1e-3)


def test_a_region_chooses() -> None:
    plate = cut(*sure("ABC1"), {"D": 0.5, "0": 0.5}, *sure("23"))
    assert read_cuts([plate], Grammar(["BR"])).text == "ABC1D23"
    assert read_cuts([plate], Grammar(["UY"])).text == "ABC1023"


def test_cuts_are_weighed_together_before_the_formats(world: Grammar) -> None:
    # Both texts fit alike: B has 0.4 * 0.9 * 0.9, E 0.6 * 0.1 * 0.1.
    first = cut(*sure("A"), {"B": 0.4, "E": 0.6}, *sure("C123"))
    other = cut(*sure("A"), {"B": 0.9, "E": 0.1}, *sure("C123"))
    reading = read_cuts([first, other, other], world)
    assert decode(first).text == "AEC123"
    assert reading.text == "ABC123"
    # The first cut says otherwise by itself: it counts with its probability of the whole text.
    assert reading.chars[1] == pytest.approx((0.4 + 0.9 + 0.9) / 3, abs=5e-3)
    assert reading.chars[0] == pytest.approx((0.4 + 1 + 1) / 3, abs=5e-3)
    assert reading.confidence == min(reading.chars)


def test_agreement_keeps_the_confidence(world: Grammar) -> None:
    cuts = [cut({"A": share}, *sure("BC123")) for share in (0.6, 0.8, 0.7)]
    reading = read_cuts(cuts, world)
    assert (reading.text, reading.confidence) == ("ABC123", pytest.approx(0.7, abs=1e-3))


def test_nothing_and_what_is_no_number_read_as_nothing(world: Grammar) -> None:
    empty, damaged = np.full((16, 36), -9, np.float32), np.full((16, 36), np.nan, np.float32)
    for cuts in ([empty] * 3, [damaged], [damaged, empty, damaged]):
        assert read_cuts(cuts, world) == Reading("", (), 0.0)
    # A faint character of an otherwise empty crop is none, though plates are never empty.
    assert read_cuts([cut({"A": 0.3})], world).text == ""
    assert read_cuts([damaged, cut(*sure("ABC123"))], world).text == "ABC123"


def test_texts_without_any_format_are_read(world: Grammar) -> None:
    assert read_cuts([cut({"J": 0.7}, *sure("EUNEE"))], world).text == "JEUNEE"


@pytest.mark.parametrize(
    ("green", "fits", "second_look", "cuts"),
    [(255, 0.9, True, 1), (255, 0.1, True, 3), (140, 0.9, True, 3), (140, 0.9, False, 1)],
)
def test_only_doubtful_plates_and_odd_texts_are_cut_again(
    hand_made: Path, green: int, fits: float, second_look: bool, cuts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Grammar, "plausibility", lambda self, text: fits)
    recognizer = LicensePlateRecognizer(hand_made, threads=1, second_look=second_look)
    asked: list[float] = []
    real = module.ocr_input
    monkeypatch.setattr(module, "ocr_input", lambda p, b, margin, q: asked.append(margin) or real(p, b, margin, q))
    (reading,) = recognizer.read_boxes([(Image.new("RGB", (128, 64), (255, green, 255)), BOX)])
    assert reading.text == "AB"
    middle = recognizer.margin
    assert asked == pytest.approx([middle, middle - SHIFT, middle + SHIFT][:cuts])


def test_cuts_of_several_plates_are_not_mixed_up(hand_made: Path) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    images = [Image.new("RGB", (128, 64), (255, green, 255)) for green in (135, 255, 140, 150)]
    together = recognizer.read_boxes([(image, BOX) for image in images])
    apart = [recognizer.read_boxes([(image, BOX)])[0] for image in images]
    assert [reading.text for reading in together] == ["AB"] * 4
    assert [r.confidence for r in together] == pytest.approx([r.confidence for r in apart], abs=1e-5)
    assert len({round(r.confidence, 3) for r in together}) == 4
