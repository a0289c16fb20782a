"""All countries, and their patterns for whoever draws or reads plates."""

from __future__ import annotations

from lpr.world.formats.africa import AFRICA
from lpr.world.formats.americas import AMERICAS
from lpr.world.formats.asia import ASIA
from lpr.world.formats.country import Country
from lpr.world.formats.europe import EUROPE
from lpr.world.formats.oceania import OCEANIA

COUNTRIES: dict[str, Country] = {country.code: country for country in (*EUROPE, *AMERICAS, *ASIA, *AFRICA, *OCEANIA)}
"""By ISO 3166-1 code."""


def patterns(codes: str, lines: int = 1, *, current: bool = True, older: bool = True) -> tuple[str, ...]:
    """Return each pattern of some countries' plates once, in the order of the countries.

    Args:
        codes: ISO 3166-1 codes, separated by spaces.
        lines: of text, 1 or 2.
        current, older: whether those that are issued now, and those that are no longer, are wanted.
    """
    listed = [
        pattern
        for code in codes.split()
        for wanted, is_older in ((current, False), (older, True))
        for pattern in (COUNTRIES[code].patterns(is_older) if wanted else ())
    ]
    return tuple(dict.fromkeys(pattern for pattern in listed if pattern.count("|") == lines - 1))
