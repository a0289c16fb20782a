"""The plate formats of countries: plain data that drawing and decoding share."""

from __future__ import annotations

import pytest

from lpr.synthetic.world import LAYOUTS
from lpr.world.formats.catalogue import COUNTRIES, patterns
from lpr.world.formats.country import SLOTS, Country, slots


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CO", "lllddd"),
        ("BR", "llldldd"),
        ("IN", "lldddddd"),
        ("IN", "llddlldddd"),
        ("FR", "lldddll"),
        ("ES", "ddddlll"),
        ("GB", "llddlll"),
        ("US", "dlllddd"),
    ],
)
def test_well_known_formats_are_there(code: str, expected: str) -> None:
    assert expected in {slots(pattern) for pattern in (*COUNTRIES[code].patterns(), *COUNTRIES[code].patterns(True))}


def test_every_pattern_can_be_a_plate_and_every_country_says_where_to_look() -> None:
    for code, country in COUNTRIES.items():
        assert country.source, code
        for pattern in (*country.patterns(), *country.patterns(older=True)):
            assert 3 <= len(slots(pattern)) <= 12, (code, pattern)
            assert pattern.count("|") <= 1
            assert "d" in pattern, (code, pattern)


def test_codes_are_unique_across_continents() -> None:
    from lpr.world.formats.africa import AFRICA
    from lpr.world.formats.americas import AMERICAS
    from lpr.world.formats.asia import ASIA
    from lpr.world.formats.europe import EUROPE
    from lpr.world.formats.oceania import OCEANIA

    assert len(COUNTRIES) == sum(map(len, (AFRICA, AMERICAS, ASIA, EUROPE, OCEANIA)))


def test_patterns_are_selected_by_country_age_and_lines() -> None:
    assert patterns("BR", older=False) == ("llldldd", "lll dldd")
    assert patterns("BR", current=False) == ("lll-dddd", "lll dddd", "lll.dddd")
    assert patterns("BR", 2) == ("lll|dldd", "lll|dddd")
    assert patterns("BE CY") == ("d-lll-ddd", "lll-ddd", "ddd-lll", "lll ddd")


def test_slots_are_what_remains_of_a_pattern_without_its_separators() -> None:
    assert slots("B ddd*ll|l.d-a") == "Bdddlllda"
    assert SLOTS["a"] == SLOTS["d"] + SLOTS["l"]


@pytest.mark.parametrize(
    "fields",
    [{"code": "br"}, {"current": "lll ddx"}, {"current": ""}, {"never": "i"}, {"vehicles": 0.0}, {"older": "l,d"}],
)
def test_what_is_no_country_is_refused(fields: dict) -> None:
    with pytest.raises(ValueError):
        Country(**{"code": "BR", "name": "Brazil", "current": "lll dddd", **fields})


def test_what_is_drawn_comes_from_the_formats() -> None:
    drawn = {layout.name: set(layout.patterns) for layout in LAYOUTS}
    assert drawn["romania"] == set(patterns("RO"))
    assert set(patterns("CO")) <= drawn["latin"]
