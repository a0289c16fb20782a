"""How the readings of three cuts come to one, by hand, and when there are three."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lpr.decoding.ctc import Reading
from lpr.decoding.voting import SHIFT, vote
from lpr.inference.recognizer import LicensePlateRecognizer


def reading(text: str, *chars: float) -> Reading:
    return Reading(text, chars, min(chars, default=0.0))


def test_two_cuts_outvote_a_surer_one_and_doubt_shows() -> None:
    result = vote([reading("A8", 0.9, 0.7), reading("AB", 0.9, 0.5), reading("AB", 0.6, 0.4)])
    assert result.text == "AB"
    assert result.chars == pytest.approx((0.5, 0.3))
    assert result.confidence == pytest.approx(0.3)


def test_one_sure_cut_outvotes_two_doubtful_ones() -> None:
    result = vote([reading("A8", 0.9, 0.9), reading("AB", 0.9, 0.4), reading("AB", 0.9, 0.4)])
    assert (result.text, result.confidence) == ("A8", pytest.approx(0.3))


def test_agreement_keeps_the_confidence() -> None:
    result = vote([reading("A", 0.6), reading("A", 0.8), reading("A", 0.7)])
    assert (result.text, result.confidence) == ("A", pytest.approx(0.7))


def test_of_three_readings_alike_in_weight_the_first_stands() -> None:
    assert vote([reading("A", 0.5), reading("B", 0.5), reading("C", 0.5)]).text == "A"


def test_nothing_read_three_times_is_nothing() -> None:
    assert vote([reading("")] * 3) == Reading("", (), 0.0)


@pytest.mark.parametrize(("confidence", "second_look", "cuts"), [(0.95, True, 1), (0.5, True, 3), (0.5, False, 1)])
def test_only_doubtful_plates_are_cut_again(
    hand_made: Path, confidence: float, second_look: bool, cuts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1, second_look=second_look)
    seen: list[list[float]] = []

    def read_cuts(asked: list[tuple[Image.Image, object, object, float]]) -> list[Reading]:
        seen.append([margin for *_, margin in asked])
        return [reading("A", confidence)] * len(asked)

    monkeypatch.setattr(recognizer, "_read_cuts", read_cuts)
    (result,) = recognizer.read_boxes([(Image.new("RGB", (64, 32)), (8.0, 8.0, 40.0, 10.0))])
    assert (result.text, result.confidence) == ("A", pytest.approx(confidence))
    margins = [margin for part in seen for margin in part]
    middle = recognizer.margin
    assert margins == pytest.approx([middle, middle - SHIFT, middle + SHIFT][:cuts])


def test_votes_of_several_plates_are_not_mixed_up(hand_made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recognizer = LicensePlateRecognizer(hand_made, threads=1)
    names = {8.0: "A", 9.0: "B", 10.0: "C"}

    def read_cuts(asked: list[tuple[Image.Image, tuple[float, ...], object, float]]) -> list[Reading]:
        # The plate in the middle is sure; the others are told apart by where their boxes begin.
        return [reading(names[box[0]], 0.95 if box[0] == 9.0 else 0.5) for _, box, _, _ in asked]

    monkeypatch.setattr(recognizer, "_read_cuts", read_cuts)
    image = Image.new("RGB", (64, 32))
    results = recognizer.read_boxes([(image, (x, 8.0, 40.0, 10.0)) for x in names])
    assert [result.text for result in results] == ["A", "B", "C"]
    assert [result.confidence for result in results] == pytest.approx([0.5, 0.95, 0.5])
