"""Verdicts, ratios and the files of a benchmark's part, against values computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.goals import Goal, plot, publish, read_all, spread
from benchmarks.stopwatch import Ratio, orders, take_turns


def once(value: float) -> Ratio:
    return Ratio(value, value, value)


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (0.79, False, "met"),
        (0.8, False, "met"),
        (0.81, False, "missed"),
        (0.79, True, "missed"),
        (0.8, True, "met"),
        (0.81, True, "met"),
    ],
)
def test_a_target_is_the_most_or_the_least(value: float, at_least: bool, verdict: str) -> None:
    assert Goal("a / b", once(value), 0.8, at_least).verdict == verdict


def test_a_share_of_the_target_below_one_has_met_it_in_both_directions() -> None:
    most = Goal("a / b", Ratio(median=0.3, low=0.2, high=0.5), 0.4)
    assert (most.share.low, most.share.median, most.share.high) == pytest.approx((0.5, 0.75, 1.25))
    least = Goal("a / b", Ratio(median=0.6, low=0.5, high=1.2), 0.9, at_least=True)
    assert (least.share.low, least.share.median, least.share.high) == pytest.approx((0.75, 1.5, 1.8))
    assert (most.asked, least.asked) == ("at most 0.4", "at least 0.9")


def test_what_nothing_was_asked_of_has_no_verdict() -> None:
    goal = Goal("a / b", once(3.0), None)
    assert (goal.verdict, goal.asked) == ("", "")
    with pytest.raises(ValueError, match="no target"):
        _ = goal.share


def test_a_ratio_is_ours_over_theirs_of_the_same_round() -> None:
    # 1/2, 4/4 and 9/6, whatever the medians of either are.
    ratio = Ratio.of([1.0, 4.0, 9.0], [2.0, 4.0, 6.0])
    assert (ratio.low, ratio.median, ratio.high) == (0.5, 1.0, 1.5)
    assert spread(ratio) == "1 [0.5, 1.5]"
    assert spread(once(1.25)) == "1.25"


def test_everyone_is_first_in_turn() -> None:
    assert list(orders(["a", "b", "c"], 4)) == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]]
    called: list[str] = []
    times = take_turns({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, rounds=2, warmup=1)
    assert "".join(called) == "ab" + "ab" + "ba"
    assert {name: len(each) for name, each in times.items()} == {"a": 2, "b": 2}


def test_a_part_measured_alone_keeps_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scale = [Goal("s", once(1.5), 1.2), Goal("not asked", once(1.0), None)]
    publish("scale", "# Scale", scale, tmp_path)
    publish("inference", "# Inference", [Goal("i", Ratio(0.3, 0.2, 0.4), 0.4)], tmp_path)
    training = [Goal("t", Ratio(0.9, 0.8, 0.95), 0.9, at_least=True)]
    publish("training", "# Old", [Goal("t", once(0.1), 0.9, at_least=True)], tmp_path)
    publish("training", "# Training", training, tmp_path)
    assert read_all(tmp_path) == [Goal("i", Ratio(0.3, 0.2, 0.4), 0.4), *training, *scale]
    assert (tmp_path / "training.md").read_text() == "# Training\n"
    assert "# Training\n" in capsys.readouterr().out
    assert (tmp_path / "ratios.png").read_bytes().startswith(b"\x89PNG")


def test_the_plot_grows_with_what_was_asked(tmp_path: Path) -> None:
    goals = [Goal(f"goal {number}", once(1.0), 1.0) for number in range(6)]
    heights = {}
    for name, some in (("few", goals[:2]), ("all", goals), ("asked", [*goals, Goal("more", once(1.0), None)])):
        plot(some, tmp_path / f"{name}.png")
        heights[name] = int.from_bytes((tmp_path / f"{name}.png").read_bytes()[20:24], "big")
    assert heights["few"] < heights["all"] == heights["asked"]
