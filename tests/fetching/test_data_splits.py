"""Dividing groups into splits."""

from __future__ import annotations

import numpy as np
import pytest

from lpr.fetching.splits import TEST, TRAIN, UNGIVEN, VAL, Groups, Images, assign_splits, cut_splits

SHARES = (0.8, 0.08, 0.12)


def images(
    group: list[int], given: list[int] | None = None, source: list[int] | None = None, crop: list[int] | None = None
) -> Images:
    count = len(group)
    return Images(
        np.array(source or [0] * count),
        np.array(crop or [0] * count, bool),
        np.array(given or [UNGIVEN] * count),
        np.array(group),
        np.random.default_rng(5).integers(0, 1 << 62, count, dtype=np.uint64),
    )


def counts(split: np.ndarray) -> list[int]:
    return np.bincount(split, minlength=3).tolist()


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1000, [800, 80, 120]), (100, [80, 8, 12]), (10, [8, 1, 1]), (3, [1, 1, 1]), (2, [2, 0, 0]), (1, [1, 0, 0])],
)
def test_shares_are_met(count: int, expected: list[int]) -> None:
    assert counts(assign_splits(images(list(range(count))), SHARES)) == expected


def test_groups_are_never_divided_and_shares_still_met() -> None:
    sizes = np.random.default_rng(2).integers(1, 12, 150)
    group = np.repeat(np.arange(150), sizes).tolist()
    split = assign_splits(images(group), SHARES)
    for number in range(150):
        assert len(set(split[np.array(group) == number])) == 1
    got = np.array(counts(split)) / len(group)
    assert np.abs(got - SHARES).max() < 0.01


def test_a_giant_group_goes_to_train() -> None:
    split = assign_splits(images([0] * 60 + list(range(1, 41))), SHARES)
    assert set(split[:60]) == {TRAIN}
    assert counts(split) == [80, 8, 12]


def test_each_source_and_kind_gets_its_own_shares() -> None:
    source = [0] * 100 + [1] * 50 + [1] * 200
    crop = [0] * 100 + [0] * 50 + [1] * 200
    split = assign_splits(images(list(range(350)), source=source, crop=crop), SHARES)
    assert counts(split[:100]) == [80, 8, 12]
    assert counts(split[100:150]) == [40, 4, 6]
    assert counts(split[150:]) == [160, 16, 24]


def test_a_share_of_zero_gets_nothing() -> None:
    assert counts(assign_splits(images(list(range(20))), (0.9, 0.0, 0.1))) == [18, 0, 2]


def test_given_splits_are_kept() -> None:
    given = [TRAIN] * 5 + [VAL] * 3 + [TEST] * 4
    assert assign_splits(images(list(range(12)), given), SHARES).tolist() == given


def test_a_missing_test_split_is_cut_off_from_train_by_groups() -> None:
    given = [TRAIN] * 90 + [VAL] * 10
    group = [at // 3 for at in range(90)] + list(range(100, 110))
    case = images(group, given)
    split = assign_splits(case, SHARES)
    assert cut_splits(case) == {0: (TEST,)}
    assert set(split[90:]) == {VAL} and VAL not in split[:90]
    assert np.count_nonzero(split == TEST) == 12
    assert all(len(set(split[at : at + 3])) == 1 for at in range(0, 90, 3))


def test_train_alone_gets_both_and_test_alone_stays() -> None:
    assert counts(assign_splits(images(list(range(100)), [TRAIN] * 100), SHARES)) == [80, 8, 12]
    assert counts(assign_splits(images(list(range(10)), [TEST] * 10), SHARES)) == [0, 0, 10]


def test_the_first_source_wins_a_group_that_spans_sources() -> None:
    # Source 1 gives train to the partner of source 0's test image, source 2 gives nothing.
    case = images([0, 0, 0, 1, 2, 3], [TEST, TRAIN, UNGIVEN, TRAIN, VAL, TEST], [0, 1, 2, 1, 1, 1])
    assert assign_splits(case, SHARES).tolist() == [TEST, TEST, TEST, TRAIN, VAL, TEST]
    case = images([0, 0], [UNGIVEN, VAL], [0, 1])
    assert assign_splits(case, SHARES).tolist() == [VAL, VAL]


def test_an_empty_set() -> None:
    assert assign_splits(images([]), SHARES).tolist() == []


def test_groups_join_transitively() -> None:
    groups = Groups(6)
    for a, b in ((4, 5), (1, 2), (2, 4)):
        groups.join(a, b)
    assert groups.roots().tolist() == [0, 1, 1, 3, 1, 1]
