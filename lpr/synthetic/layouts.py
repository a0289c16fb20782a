"""Plates of the world, as data.

A pattern is the text of a plate: `l` a letter, `d` a digit, `a` either, other letters and digits themselves, `|` a new
line, and the signs of `letters.draw_line` for what stands between groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lpr.plate.text import ALPHABET

Colour = tuple[int, int, int]

WHITE, CREAM, SILVER = (238, 238, 236), (232, 226, 205), (190, 192, 194)
YELLOW, AMBER, ORANGE = (240, 196, 22), (232, 160, 20), (222, 120, 40)
BLACK, CHARCOAL = (22, 22, 24), (48, 48, 52)
RED, GREEN, BLUE, NAVY, MAROON = (186, 28, 36), (22, 110, 62), (28, 68, 160), (22, 34, 92), (110, 20, 40)
SKY, MINT, ROSE, SAND = (170, 204, 230), (178, 220, 190), (236, 206, 210), (226, 204, 160)
EU_BLUE = (20, 60, 150)


@dataclass(frozen=True)
class Scheme:
    """Colours of a plate: its ground, its letters, and its border (None: no border)."""

    ground: Colour
    ink: Colour
    border: Colour | None = None


DARK_ON_WHITE = Scheme(WHITE, BLACK, BLACK)
PLAIN_WHITE = Scheme(WHITE, BLACK)
DARK_ON_YELLOW = Scheme(YELLOW, BLACK, BLACK)
PLAIN_YELLOW = Scheme(YELLOW, BLACK)
WHITE_ON_BLACK = Scheme(BLACK, WHITE, WHITE)
SILVER_ON_BLACK = Scheme(CHARCOAL, SILVER, SILVER)
BLUE_ON_WHITE = Scheme(WHITE, NAVY, NAVY)
RED_ON_WHITE = Scheme(WHITE, RED, RED)
GREEN_ON_WHITE = Scheme(WHITE, GREEN, GREEN)
WHITE_ON_BLUE = Scheme(BLUE, WHITE, WHITE)
WHITE_ON_RED = Scheme(RED, WHITE, WHITE)
WHITE_ON_GREEN = Scheme(GREEN, WHITE, WHITE)
YELLOW_ON_BLACK = Scheme(BLACK, YELLOW, YELLOW)
YELLOW_ON_BLUE = Scheme(NAVY, YELLOW, None)


@dataclass(frozen=True)
class Layout:
    """One kind of plate.

    Attributes:
        name: what it is called here.
        weight: how often it is drawn, relative to the others.
        aspect: range of width over height.
        patterns: of its text.
        schemes: its colours.
        families: typeface families of its letters.
        cap: range of the letters' height over the height of the room that a line has.
        fonts: probability that a font's letters stand in.
        left, right: what may stand at its sides: "eu", "band", "chip", "scribble", "box".
        top, bottom: what may stand above and below its text: "band", or a list of words to choose from.
        extras: probability of optional parts.
        graphics: probability of a picture behind the text.
        relief: probability of embossed letters.
    """

    name: str
    weight: float
    aspect: tuple[float, float]
    patterns: tuple[str, ...]
    schemes: tuple[Scheme, ...] = (DARK_ON_WHITE,)
    families: tuple[str, ...] = ("din",)
    cap: tuple[float, float] = (0.66, 0.8)
    fonts: float = 0.08
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    top: tuple[str, ...] = ()
    bottom: tuple[str, ...] = ()
    extras: float = 0.9
    graphics: float = 0.0
    relief: float = 0.5
    colours: tuple[Colour, ...] = field(default=(EU_BLUE,))


EU_CODES = ("D", "F", "I", "E", "NL", "B", "PL", "RO", "H", "CZ", "SK", "LV", "LT", "EST", "A", "P", "S", "FIN", "SLO", "BG", "L", "GR")
STATES = (
    "CALIFORNIA", "TEXAS", "FLORIDA", "NEW YORK", "OHIO", "GEORGIA", "VIRGINIA", "ILLINOIS", "ARIZONA", "NEVADA", "OREGON",
    "UTAH", "COLORADO", "MICHIGAN", "ALABAMA", "INDIANA", "KANSAS", "MAINE", "IDAHO", "IOWA", "ONTARIO", "ALBERTA", "QUEBEC",
    "MEXICO", "JALISCO", "BRITISH COLUMBIA", "MARYLAND", "WISCONSIN", "New Jersey", "Pennsylvania", "Washington", "Tennessee",
)  # fmt: skip
SLOGANS = (
    "THE GOLDEN STATE", "LONE STAR STATE", "SUNSHINE STATE", "EMPIRE STATE", "Land of Lincoln", "GRAND CANYON STATE",
    "FIRST IN FLIGHT", "PEACH STATE", "YOURS TO DISCOVER", "BEAUTIFUL", "GREAT LAKES", "GARDEN STATE", "Je me souviens",
    "Birthplace of Aviation", "dmv.example.gov", "FAMOUS POTATOES", "LIVE FREE", "WILD ROSE COUNTRY", "Heart of Dixie",
)  # fmt: skip
PAKISTAN = ("ICT-ISLAMABAD", "SINDH", "PUNJAB", "ISLAMABAD", "KARACHI", "LAHORE", "PESHAWAR")
AUSTRALIA = (
    "NEW SOUTH WALES", "VICTORIA", "QUEENSLAND - SUNSHINE STATE", "SOUTH AUSTRALIA", "WESTERN AUSTRALIA", "TASMANIA",
    "VICTORIA - THE PLACE TO BE", "NSW", "THE FESTIVAL STATE", "NORTHERN TERRITORY", "CANBERRA",
)  # fmt: skip
LATIN = ("CUBA", "REPUBLICA ARGENTINA", "COLOMBIA", "BOGOTA D.C.", "CHILE", "PERU", "SP - SAO PAULO", "RJ - RIO DE JANEIRO", "BRASIL")
GULF = ("DUBAI", "QATAR", "KUWAIT", "OMAN", "BAHRAIN", "SHARJAH", "KSA", "A.DHABI")

LAYOUTS: tuple[Layout, ...] = (
    Layout("germany", 7, (4.2, 4.8), ("l*ll dddd", "ll*ll ddd", "ll*l dddd", "lll*l ddd", "l*l ddd", "lll*ll dd", "ll*ll dddd"),
           (DARK_ON_WHITE,), ("fe",), (0.68, 0.78), left=("eu",), codes=("D",), relief=0.7),
    Layout("europe", 9, (4.2, 4.9), ("ll-ddd-ll", "lll ddd", "lll-ddd", "ll dddd", "ddd-lll", "dddd lll", "lll dd l", "l dd ddd",
                                     "ll-dd-ll", "dd-ll-ll", "d lll ddd", "ll ddddd", "d-lll-ddd", "dld dddd", "ll-dddd", "ll*ddd ll"),
           (DARK_ON_WHITE, DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, RED_ON_WHITE, BLUE_ON_WHITE), ("din", "fe", "thin", "condensed"),
           (0.62, 0.8), left=("eu",), right=("", "", "band"), codes=EU_CODES),
    Layout("romania", 5, (4.3, 4.8), ("B ddd lll", "B dd lll", "ll dd lll", "B dddddd"), (DARK_ON_WHITE, DARK_ON_WHITE, RED_ON_WHITE),
           ("din", "thin"), (0.62, 0.76), left=("eu",), codes=("RO",)),
    Layout("uk", 8, (4.3, 4.9), ("lldd lll", "lldd lll", "l ddd lll", "lll ddd l", "lll ddd", "l dd lll", "d lll", "dd lll"),
           (PLAIN_WHITE, PLAIN_YELLOW, PLAIN_YELLOW, DARK_ON_WHITE), ("uk",), (0.68, 0.82), left=("", "", "eu", "flag"), codes=("GB", "UK", "GB"),
           bottom=("", "", "CAR SALES", "MOTORS 01234 567890"), relief=0.15),
    Layout("turkey", 4, (4.3, 4.8), ("dd l dddd", "dd ll ddd", "dd ll dddd", "dd lll dd", "dd lll ddd"), (DARK_ON_WHITE, PLAIN_WHITE), ("din", "fe"),
           (0.68, 0.8), left=("eu",), codes=("TR",)),
    Layout("ukraine", 3, (4.3, 4.8), ("ll dddd ll", "ll dddd ll", "ll dd-dd ll"), (DARK_ON_WHITE,), ("condensed", "din", "boxy"), (0.62, 0.76),
           left=("band",), codes=("UA",), colours=((0, 90, 180),)),
    Layout("russia", 2, (4.3, 4.8), ("l ddd ll  dd", "l ddd ll  ddd"), (DARK_ON_WHITE,), ("din", "wide", "thin"), (0.6, 0.76)),
    Layout("ireland", 2, (4.3, 4.8), ("dd-l-dddd", "ddd-l-ddddd", "dd-ll-dddd"), (DARK_ON_WHITE, PLAIN_WHITE), ("din", "uk", "thin"), (0.62, 0.74), left=("eu",),
           codes=("IRL",), top=("", "DUBLIN", "CORK", "GALWAY")),
    Layout("india", 6, (3.8, 4.9), ("ll dd ll dddd", "ll dd l dddd", "lldd ll dddd", "ll-dd-ll-dddd", "ll dd dddd", "ll.dd.ll dddd"),
           (DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, WHITE_ON_GREEN), ("din", "thin", "us", "heavy", "condensed", "uk"), (0.5, 0.76),
           fonts=0.4, left=("", "chip"), codes=("IND",), relief=0.3),
    Layout("pakistan", 7, (2.0, 3.2), ("lll-ddd", "lll ddd", "ll-dddd", "lll.dddd", "ll ddd", "lll-dddd", "lll*ddd"),
           (PLAIN_WHITE, DARK_ON_WHITE, WHITE_ON_BLACK, PLAIN_YELLOW, SILVER_ON_BLACK, GREEN_ON_WHITE, BLUE_ON_WHITE), ("us", "din", "thin", "condensed", "heavy"), (0.6, 0.85),
           fonts=0.35, top=("", "ICT", "ICT"), bottom=PAKISTAN, extras=0.8, relief=0.4),
    Layout("gulf", 4, (3.6, 4.8), ("dddddd", "ddddd", "l ddddd", "l dddd", "dd-ddddd", "dddd lll", "d ddddd", "ll dddd"), (DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_WHITE, RED_ON_WHITE),
           ("din", "us", "thin", "heavy"), (0.55, 0.72), fonts=0.3, left=("scribble", "band"), right=("", "scribble"), codes=("Q", "KSA", "UAE"),
           top=("", "", *GULF), extras=0.75, colours=(MAROON, GREEN, RED)),
    Layout("mercosur", 4, (2.9, 3.3), ("llldldd", "llldldd", "ll ddd ll", "lll dddd"), (DARK_ON_WHITE, DARK_ON_WHITE, RED_ON_WHITE, GREEN_ON_WHITE), ("fe", "din"), (0.72, 0.86),
           top=("band:BRASIL", "band:REPUBLICA ARGENTINA", "band:URUGUAY", "band:PARAGUAY"), extras=1.0, colours=((20, 50, 140),)),
    Layout("latin", 4, (2.0, 3.2), ("lll-dddd", "lll.ddd", "lll ddd", "l ddd ddd", "ll.ll.dd", "lll-ddd", "ll-dd-dd"),
           (Scheme(SILVER, BLACK, BLACK), DARK_ON_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, PLAIN_YELLOW, WHITE_ON_BLUE), ("us", "din", "condensed"), (0.68, 0.84),
           top=("", *LATIN), bottom=("", "", *LATIN), relief=0.7),
    Layout("usa", 12, (1.9, 2.15), ("ddd lll", "lll dddd", "lllddd", "lll*ddd", "dlllddd", "dddd ll", "lll-dddd", "ll ddddd", "ddd-lll", "lldd lll",
                                    "aaaaaa", "aaa-aaa", "aaaaaaa", "ddd*ddd", "lll ldd", "dld*lld", "d llddd", "lll.ddd", "llllll", "lllll"),
           (Scheme(WHITE, NAVY), Scheme(WHITE, BLACK), Scheme(CREAM, MAROON), Scheme(SKY, NAVY), Scheme(SAND, BLACK), GREEN_ON_WHITE, BLUE_ON_WHITE, RED_ON_WHITE,
            YELLOW_ON_BLUE, WHITE_ON_GREEN, Scheme(MINT, BLACK), WHITE_ON_BLACK, Scheme(ORANGE, BLACK), YELLOW_ON_BLACK), ("us", "us", "condensed", "din", "thin"), (0.76, 0.94), top=STATES,
           bottom=SLOGANS, extras=0.85, graphics=0.5, relief=0.75),
    Layout("australia", 5, (2.6, 2.9), ("lll ddd", "lll.ddd", "ddd.lll", "ll.dd.ll", "dll.dll", "lll.ddl", "ldddlll"),
           (DARK_ON_YELLOW, DARK_ON_WHITE, GREEN_ON_WHITE, BLUE_ON_WHITE, WHITE_ON_BLACK, YELLOW_ON_BLACK, RED_ON_WHITE, Scheme(WHITE, MAROON)), ("us", "din", "condensed"), (0.66, 0.9),
           top=("", "", *AUSTRALIA), bottom=("", *AUSTRALIA), relief=0.6, graphics=0.1),
    Layout("black", 3, (3.6, 5.0), ("lll dddd", "ll dddd", "l ddd", "lll ddd", "dddd ll dd", "l dddd l", "ddd lll"), (WHITE_ON_BLACK, SILVER_ON_BLACK, WHITE_ON_BLUE, WHITE_ON_RED, YELLOW_ON_BLACK),
           ("din", "heavy", "thin", "us", "uk"), (0.6, 0.82), fonts=0.25, relief=0.4),
    Layout("china", 2, (2.9, 3.4), ("l.ddddd", "l.lddddd", "l.ddldd", "l.ddddl"), (WHITE_ON_BLUE, WHITE_ON_BLUE, DARK_ON_YELLOW, WHITE_ON_GREEN), ("din", "condensed", "us"), (0.62, 0.76),
           left=("scribble",), extras=1.0),
    Layout("israel", 2, (4.2, 4.8), ("dd-ddd-dd", "ddd-dd-ddd", "dd.ddd.dd"), (DARK_ON_YELLOW, PLAIN_YELLOW), ("din", "us"), (0.66, 0.78), left=("eu",), codes=("IL",)),
    Layout("africa", 2, (3.8, 4.9), ("ll dd ll*ll", "lll ddd*ll", "lll dddl", "l ddd lll", "lll-ddd ll", "ll dddd-dd"), (DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, GREEN_ON_WHITE, BLUE_ON_WHITE),
           ("din", "us", "uk"), (0.58, 0.78), fonts=0.2, bottom=("", "", "LAGOS", "CENTRE OF EXCELLENCE")),
    Layout("show", 2, (3.0, 4.8), ("lll d", "llll", "lllll", "dd lll", "ll d", "llll dd", "l d", "lll dd"), (PLAIN_WHITE, PLAIN_YELLOW, WHITE_ON_BLACK, WHITE_ON_RED, DARK_ON_WHITE),
           ("uk", "slab", "italic", "oval", "heavy", "wide"), (0.55, 0.8), fonts=0.3, bottom=("", "THE BEAST", "NO LIMITS", "CORRECT DIRECTION")),
    Layout("random", 6, (2.0, 5.0), ("aaaaaaa", "aaaaaa", "aaaaa", "aaaa aaa", "aaaaaaaa", "aaa-aaaa", "aaa", "aa", "aaaa", "aaaaaaaaa", "aa aaaa aaa", "aaaaaaaaaa"),
           (DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, BLUE_ON_WHITE, RED_ON_WHITE, GREEN_ON_WHITE, WHITE_ON_BLUE, WHITE_ON_RED, WHITE_ON_GREEN, YELLOW_ON_BLACK),
           ("din", "fe", "uk", "us", "thin", "heavy", "condensed", "wide", "boxy", "oval", "italic", "slab", "dots"), (0.5, 0.85), fonts=0.25,
           left=("", "eu", "band", "scribble"), codes=EU_CODES, extras=0.5, graphics=0.15),
    Layout("square-europe", 3, (1.25, 1.75), ("ll dd|lll", "lll|ddd", "l*ll|dddd", "ll*ll|ddd", "ddd|lll", "ll|dddd", "lll|dd l", "dd ll|dddd", "ll ddd|ll"),
           (DARK_ON_WHITE, DARK_ON_WHITE, DARK_ON_YELLOW, BLUE_ON_WHITE), ("fe", "din", "condensed"), (0.72, 0.86), left=("", "eu"), codes=EU_CODES, relief=0.6),
    Layout("square-uk", 3, (1.3, 1.5), ("lldd|lll", "lldd|lll", "l ddd|lll", "lll|ddd l"), (PLAIN_WHITE, PLAIN_YELLOW, PLAIN_YELLOW), ("uk",), (0.74, 0.86), relief=0.15),
    Layout("square-asia", 3, (1.2, 2.0), ("ll dd|ll dddd", "ll dd l|dddd", "dd-ld|ddd.dd", "dd-ld|dddd", "lll|dddd", "ll dd|dddd", "dd-ll|ddddd", "lll|ddd"),
           (DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, SILVER_ON_BLACK, WHITE_ON_BLUE), ("din", "us", "thin", "condensed", "heavy"), (0.66, 0.86), fonts=0.3),
    Layout("square-wide", 2, (1.6, 2.4), ("lll-dd|dd", "lll|dddd", "ll-dd|dddd", "lll dd|ddd", "aaa|aaaa", "aaaa|aaa", "aaaa|aaaaa"),
           (PLAIN_WHITE, PLAIN_YELLOW, WHITE_ON_BLACK, Scheme(AMBER, BLACK, None), GREEN_ON_WHITE, DARK_ON_WHITE), ("us", "din", "heavy", "thin"), (0.62, 0.84), fonts=0.3, left=("", "chip", "scribble"),
           codes=("PK", "SL", "TH"), bottom=("", "PUNJAB", "SINDH"), extras=0.5),
    Layout("motorcycle", 2, (1.15, 1.5), ("lll|ddd", "ll|dddd", "lld|ddd", "dd l|dddd", "lldd|lll", "dddd|ll", "aaa|aaa"), (DARK_ON_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, PLAIN_WHITE),
           ("din", "us", "condensed", "fe"), (0.7, 0.85), top=("", "", "CALIFORNIA", "BRASIL"), relief=0.5),
)  # fmt: skip

_LETTERS = ALPHABET[10:]


def draw_text(rng: np.random.Generator, pattern: str, distinct: bool) -> str:
    """Return a pattern with its places filled.

    Args:
        rng: the source of randomness.
        pattern: see the module.
        distinct: whether O and I, which plates draw like 0 and 1, are kept out of places where a digit could stand,
            and Q everywhere.
    """
    letters = _LETTERS.replace("Q", "") if distinct else _LETTERS
    either = "".join(c for c in ALPHABET if c not in "OIQ") if distinct else ALPHABET + "00OO11II8B"
    pools = {"l": letters, "d": ALPHABET[:10], "a": either}
    drawn = []
    for token in pattern:
        pool = pools.get(token)
        drawn.append(token if pool is None else pool[rng.integers(len(pool))])
    return "".join(drawn)
