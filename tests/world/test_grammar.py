"""How likely texts are by the formats of countries, by hand."""

from __future__ import annotations

import math

import pytest

from lpr.base.errors import LprError
from lpr.world.grammar import FREE, LONGEST, OLDER, Grammar


@pytest.fixture(scope="module")
def world() -> Grammar:
    return Grammar()


@pytest.fixture(scope="module")
def brazil() -> Grammar:
    return Grammar(["BR"])


def test_the_probability_of_a_text_by_hand(brazil: Grammar) -> None:
    # Brazil has one current text, lllLdldd, and one older, lll dddd.
    free = FREE / LONGEST * 36**-7
    current, older = ((1 - FREE) * share / (1 + OLDER) for share in (1, OLDER))
    assert math.exp(brazil.log_probability("ABC1D23")) == pytest.approx(free + current * 26**-4 * 10**-3)
    assert math.exp(brazil.log_probability("ABC1234")) == pytest.approx(free + older * 26**-3 * 10**-4)
    assert math.exp(brazil.log_probability("1234ABC")) == pytest.approx(free)
    assert math.exp(brazil.log_probability("AB")) == pytest.approx(FREE / LONGEST * 36**-2)


def test_what_no_plate_says_has_no_chance(world: Grammar) -> None:
    assert world.log_probability("") == world.log_probability("A" * 17) == -math.inf
    assert world.plausibility("") == 0 and world.regions("") == ()


def test_older_formats_weigh_less_and_two_of_a_length_add_up() -> None:
    # Luxembourg: ll dddd; older dddd l and ddddd. Together they weigh 1 + 2 * OLDER.
    grammar = Grammar(["LU"])
    share, free = (1 - FREE) / (1 + 2 * OLDER), FREE / LONGEST
    assert math.exp(grammar.log_probability("AB1234")) == pytest.approx(share * 26**-2 * 10**-4 + free * 36**-6)
    assert math.exp(grammar.log_probability("1234A")) == pytest.approx(share * OLDER * 10**-4 / 26 + free * 36**-5)
    assert math.exp(grammar.log_probability("12345")) == pytest.approx(share * OLDER * 10**-5 + free * 36**-5)


def test_letters_that_a_country_leaves_out_do_not_fit(world: Grammar) -> None:
    assert Grammar(["FR"]).plausibility("AB123CD") > 0.9
    assert Grammar(["FR"]).plausibility("AI123CD") == 0
    assert world.plausibility("AI123CD") > 0.5


def test_a_ratio_above_chance_does_not_hang_on_letters_or_length(brazil: Grammar) -> None:
    chance = 3 * math.log(0.5 / 26) + 4 * math.log(0.5 / 10)
    assert brazil.log_ratio("ABC1234") == pytest.approx(brazil.log_probability("ABC1234") - chance)
    world = Grammar()
    assert world.log_ratio("ABC120") > world.log_ratio("ABC12O")
    assert world.log_ratio("HR26BC5514") > world.log_ratio("HR26BC551A")
    assert world.log_ratio("") == -math.inf


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ABC1D23", "BR"),
        ("B123ABC", "RO"),
        ("MH12AB1234", "IN"),
        ("7ABC123", "US"),
        ("A123BC77", "RU"),
        ("1234BCD", "ES"),
    ],
)
def test_a_format_names_its_countries(world: Grammar, text: str, code: str) -> None:
    regions = world.regions(text)
    assert code in [found for found, _ in regions]
    assert 1 <= len(regions) <= 3
    shares = [share for _, share in regions]
    assert shares == sorted(shares, reverse=True) and all(0.05 <= share <= 1 for share in shares) and sum(shares) <= 1


@pytest.mark.parametrize("text", ["ALAMY", "SHUTTERSTOCK", "JEUNEE", "A"])
def test_words_fit_no_format(world: Grammar, text: str) -> None:
    assert world.regions(text) == ()
    assert world.plausibility(text) < 0.05


def test_regions_narrow_the_countries(brazil: Grammar) -> None:
    ((code, share),) = brazil.regions("ABC1234")
    assert code == "BR" and share > 0.9
    assert brazil.regions("MH12AB1234") == ()
    assert [code for code, _ in Grammar(["CO", "CY", "CO"]).regions("ABC123")] == ["CO", "CY"]


@pytest.mark.parametrize(
    ("regions", "message"),
    [(["BR", "XX"], "'XX' is not known; known are AD, AE"), ([], "give a list"), ("BR", "give a list")],
)
def test_regions_that_are_not_known_are_refused(regions: list[str], message: str) -> None:
    with pytest.raises(LprError, match=message):
        Grammar(regions)
