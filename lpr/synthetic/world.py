"""The plates of the world as they are drawn: what they look like. What stands on them is in `lpr.world.formats`.

Any letter is drawn where a pattern has one, those that a country leaves out too: the OCR is to judge what it sees, and
how likely a text is comes in once, when it is decoded.
"""

from __future__ import annotations

from lpr.synthetic.layouts import WHITE, YELLOW, Layout, Scheme
from lpr.world.formats.catalogue import patterns

CREAM, SILVER = (232, 226, 205), (190, 192, 194)
AMBER, ORANGE = (232, 160, 20), (222, 120, 40)
BLACK, CHARCOAL = (22, 22, 24), (48, 48, 52)
RED, GREEN, BLUE, NAVY, MAROON = (186, 28, 36), (22, 110, 62), (28, 68, 160), (22, 34, 92), (110, 20, 40)
SKY, MINT, SAND = (170, 204, 230), (178, 220, 190), (226, 204, 160)

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


def _list(items: str) -> tuple[str, ...]:
    return tuple(items.split(", "))


_EUROPE = "FR IT ES NL BE PL HU CZ SK LV LT EE AT PT SE FI DK SI BG GR LU HR NO CH"
_FEWER = "AL BA RS ME MK MD CY MT IS XK"
"""Countries of Europe whose plates are alike, those with most of them first."""
_LATIN = "CO CL PE EC VE BO CU CR PA DO GT HN SV NI"
_AFRICA = "NG ZA KE GH EG MA DZ TN TZ UG CI SN CM AO MZ ZM ZW BW NA ET RW"

EU_CODES = _list("D, F, I, E, NL, B, PL, RO, H, CZ, SK, LV, LT, EST, A, P, S, FIN, SLO, BG, L, GR")
STATES = _list(
    "CALIFORNIA, TEXAS, FLORIDA, NEW YORK, OHIO, GEORGIA, VIRGINIA, ILLINOIS, ARIZONA, NEVADA, OREGON, UTAH, "
    "COLORADO, MICHIGAN, ALABAMA, INDIANA, KANSAS, MAINE, IDAHO, IOWA, ONTARIO, ALBERTA, QUEBEC, MEXICO, "
    "JALISCO, BRITISH COLUMBIA, MARYLAND, WISCONSIN, New Jersey, Pennsylvania, Washington, Tennessee"
)
SLOGANS = _list(
    "THE GOLDEN STATE, LONE STAR STATE, SUNSHINE STATE, EMPIRE STATE, Land of Lincoln, GRAND CANYON STATE, "
    "FIRST IN FLIGHT, PEACH STATE, YOURS TO DISCOVER, BEAUTIFUL, GREAT LAKES, GARDEN STATE, Je me souviens, "
    "Birthplace of Aviation, dmv.example.gov, FAMOUS POTATOES, LIVE FREE, WILD ROSE COUNTRY, Heart of Dixie"
)
PAKISTAN = _list("ICT-ISLAMABAD, SINDH, PUNJAB, ISLAMABAD, KARACHI, LAHORE, PESHAWAR")
AUSTRALIA = _list(
    "NEW SOUTH WALES, VICTORIA, QUEENSLAND - SUNSHINE STATE, SOUTH AUSTRALIA, WESTERN AUSTRALIA, TASMANIA, "
    "VICTORIA - THE PLACE TO BE, NSW, THE FESTIVAL STATE, NORTHERN TERRITORY, CANBERRA"
)
LATIN = _list(
    "CUBA, REPUBLICA ARGENTINA, COLOMBIA, BOGOTA D.C., CHILE, PERU, SP - SAO PAULO, RJ - RIO DE JANEIRO, BRASIL"
)
GULF = _list("DUBAI, QATAR, KUWAIT, OMAN, BAHRAIN, SHARJAH, KSA, A.DHABI")

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "germany",
        weight=7,
        aspect=(4.2, 4.8),
        patterns=patterns("DE"),
        schemes=(DARK_ON_WHITE,),
        families=("fe",),
        cap=(0.68, 0.78),
        left=("eu",),
        codes=("D",),
        relief=0.7,
    ),
    Layout(
        "europe",
        weight=9,
        aspect=(4.2, 4.9),
        patterns=patterns(f"{_EUROPE} {_FEWER}"),
        schemes=(DARK_ON_WHITE, DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, RED_ON_WHITE, BLUE_ON_WHITE),
        families=("din", "fe", "thin", "condensed"),
        cap=(0.62, 0.8),
        left=("eu",),
        right=("", "", "band"),
        codes=EU_CODES,
    ),
    Layout(
        "romania",
        weight=5,
        aspect=(4.3, 4.8),
        patterns=patterns("RO"),
        schemes=(DARK_ON_WHITE, DARK_ON_WHITE, RED_ON_WHITE),
        families=("din", "thin"),
        cap=(0.62, 0.76),
        left=("eu",),
        codes=("RO",),
    ),
    Layout(
        "uk",
        weight=8,
        aspect=(4.3, 4.9),
        patterns=patterns("GB"),
        schemes=(PLAIN_WHITE, PLAIN_YELLOW, PLAIN_YELLOW, DARK_ON_WHITE),
        families=("uk",),
        cap=(0.68, 0.82),
        left=("", "", "eu", "flag"),
        codes=("GB", "UK", "GB"),
        bottom=("", "", "CAR SALES", "MOTORS 01234 567890"),
        relief=0.15,
    ),
    Layout(
        "turkey",
        weight=4,
        aspect=(4.3, 4.8),
        patterns=patterns("TR"),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE),
        families=("din", "fe"),
        cap=(0.68, 0.8),
        left=("eu",),
        codes=("TR",),
    ),
    Layout(
        "ukraine",
        weight=3,
        aspect=(4.3, 4.8),
        patterns=patterns("UA"),
        schemes=(DARK_ON_WHITE,),
        families=("condensed", "din", "boxy"),
        cap=(0.62, 0.76),
        left=("band",),
        codes=("UA",),
        colours=((0, 90, 180),),
    ),
    Layout(
        "russia",
        weight=2,
        aspect=(4.3, 4.8),
        patterns=patterns("RU BY KZ KG UZ TJ TM AM AZ GE"),
        schemes=(DARK_ON_WHITE,),
        families=("din", "wide", "thin"),
        cap=(0.6, 0.76),
    ),
    Layout(
        "ireland",
        weight=2,
        aspect=(4.3, 4.8),
        patterns=patterns("IE"),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE),
        families=("din", "uk", "thin"),
        cap=(0.62, 0.74),
        left=("eu",),
        codes=("IRL",),
        top=("", "DUBLIN", "CORK", "GALWAY"),
    ),
    Layout(
        "india",
        weight=6,
        aspect=(3.8, 4.9),
        patterns=patterns("IN NP BD LK"),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, WHITE_ON_GREEN),
        families=("din", "thin", "us", "heavy", "condensed", "uk"),
        cap=(0.5, 0.76),
        fonts=0.4,
        left=("", "chip"),
        codes=("IND",),
        relief=0.3,
    ),
    Layout(
        "pakistan",
        weight=7,
        aspect=(2.0, 3.2),
        patterns=patterns("PK"),
        schemes=(
            PLAIN_WHITE,
            DARK_ON_WHITE,
            WHITE_ON_BLACK,
            PLAIN_YELLOW,
            SILVER_ON_BLACK,
            GREEN_ON_WHITE,
            BLUE_ON_WHITE,
        ),
        families=("us", "din", "thin", "condensed", "heavy"),
        cap=(0.6, 0.85),
        fonts=0.35,
        top=("", "ICT", "ICT"),
        bottom=PAKISTAN,
        extras=0.8,
        relief=0.4,
    ),
    Layout(
        "gulf",
        weight=4,
        aspect=(3.6, 4.8),
        patterns=patterns("AE SA QA KW OM BH JO LB IQ IR"),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_WHITE, RED_ON_WHITE),
        families=("din", "us", "thin", "heavy"),
        cap=(0.55, 0.72),
        fonts=0.3,
        left=("scribble", "band"),
        right=("", "scribble"),
        codes=("Q", "KSA", "UAE"),
        top=("", "", *GULF),
        extras=0.75,
        colours=(MAROON, GREEN, RED),
    ),
    Layout(
        "mercosur",
        weight=4,
        aspect=(2.9, 3.3),
        patterns=patterns("BR AR UY PY", older=False),
        schemes=(DARK_ON_WHITE, DARK_ON_WHITE, RED_ON_WHITE, GREEN_ON_WHITE),
        families=("fe", "din"),
        cap=(0.72, 0.86),
        top=("band:BRASIL", "band:REPUBLICA ARGENTINA", "band:URUGUAY", "band:PARAGUAY"),
        extras=1.0,
        colours=((20, 50, 140),),
    ),
    Layout(
        "latin",
        weight=4,
        aspect=(2.0, 3.2),
        patterns=patterns(_LATIN) + patterns("BR AR PY", current=False),
        schemes=(
            Scheme(SILVER, BLACK, BLACK),
            DARK_ON_WHITE,
            DARK_ON_YELLOW,
            WHITE_ON_BLACK,
            PLAIN_YELLOW,
            WHITE_ON_BLUE,
        ),
        families=("us", "din", "condensed"),
        cap=(0.68, 0.84),
        top=("", *LATIN),
        bottom=("", "", *LATIN),
        relief=0.7,
    ),
    Layout(
        "usa",
        weight=12,
        aspect=(1.9, 2.15),
        patterns=patterns("US CA MX PR") + 2 * _list("aaaaaa, aaa-aaa, aaaaaaa, llllll, lllll"),
        schemes=(
            Scheme(WHITE, NAVY),
            Scheme(WHITE, BLACK),
            Scheme(CREAM, MAROON),
            Scheme(SKY, NAVY),
            Scheme(SAND, BLACK),
            GREEN_ON_WHITE,
            BLUE_ON_WHITE,
            RED_ON_WHITE,
            YELLOW_ON_BLUE,
            WHITE_ON_GREEN,
            Scheme(MINT, BLACK),
            WHITE_ON_BLACK,
            Scheme(ORANGE, BLACK),
            YELLOW_ON_BLACK,
        ),
        families=("us", "us", "condensed", "din", "thin"),
        cap=(0.76, 0.94),
        top=STATES,
        bottom=SLOGANS,
        extras=0.85,
        graphics=0.5,
        relief=0.75,
    ),
    Layout(
        "australia",
        weight=5,
        aspect=(2.6, 2.9),
        patterns=patterns("AU NZ FJ PG"),
        schemes=(
            DARK_ON_YELLOW,
            DARK_ON_WHITE,
            GREEN_ON_WHITE,
            BLUE_ON_WHITE,
            WHITE_ON_BLACK,
            YELLOW_ON_BLACK,
            RED_ON_WHITE,
            Scheme(WHITE, MAROON),
        ),
        families=("us", "din", "condensed"),
        cap=(0.66, 0.9),
        top=("", "", *AUSTRALIA),
        bottom=("", *AUSTRALIA),
        relief=0.6,
        graphics=0.1,
    ),
    Layout(
        "black",
        weight=3,
        aspect=(3.6, 5.0),
        patterns=patterns("MY SG ID BN HK TH VN") + patterns("GB FR", current=False),
        schemes=(WHITE_ON_BLACK, SILVER_ON_BLACK, WHITE_ON_BLUE, WHITE_ON_RED, YELLOW_ON_BLACK),
        families=("din", "heavy", "thin", "us", "uk"),
        cap=(0.6, 0.82),
        fonts=0.25,
        relief=0.4,
    ),
    Layout(
        "china",
        weight=2,
        aspect=(2.9, 3.4),
        patterns=patterns("CN"),
        schemes=(WHITE_ON_BLUE, WHITE_ON_BLUE, DARK_ON_YELLOW, WHITE_ON_GREEN),
        families=("din", "condensed", "us"),
        cap=(0.62, 0.76),
        left=("scribble",),
        extras=1.0,
    ),
    Layout(
        "israel",
        weight=2,
        aspect=(4.2, 4.8),
        patterns=patterns("IL"),
        schemes=(DARK_ON_YELLOW, PLAIN_YELLOW),
        families=("din", "us"),
        cap=(0.66, 0.78),
        left=("eu",),
        codes=("IL",),
    ),
    Layout(
        "africa",
        weight=2,
        aspect=(3.8, 4.9),
        patterns=patterns(_AFRICA),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, GREEN_ON_WHITE, BLUE_ON_WHITE),
        families=("din", "us", "uk"),
        cap=(0.58, 0.78),
        fonts=0.2,
        bottom=("", "", "LAGOS", "CENTRE OF EXCELLENCE"),
    ),
    Layout(
        "show",
        weight=2,
        aspect=(3.0, 4.8),
        patterns=_list("lll d, llll, lllll, dd lll, ll d, llll dd, l d, lll dd"),
        schemes=(PLAIN_WHITE, PLAIN_YELLOW, WHITE_ON_BLACK, WHITE_ON_RED, DARK_ON_WHITE),
        families=("uk", "slab", "italic", "oval", "heavy", "wide"),
        cap=(0.55, 0.8),
        fonts=0.3,
        bottom=("", "THE BEAST", "NO LIMITS", "CORRECT DIRECTION"),
    ),
    Layout(
        "random",
        weight=6,
        aspect=(2.0, 5.0),
        patterns=_list(
            "aaaaaaa, aaaaaa, aaaaa, aaaa aaa, aaaaaaaa, aaa-aaaa, aaa, aa, aaaa, aaaaaaaaa, aa aaaa aaa, aaaaaaaaaa"
        ),
        schemes=(
            DARK_ON_WHITE,
            PLAIN_WHITE,
            DARK_ON_YELLOW,
            WHITE_ON_BLACK,
            BLUE_ON_WHITE,
            RED_ON_WHITE,
            GREEN_ON_WHITE,
            WHITE_ON_BLUE,
            WHITE_ON_RED,
            WHITE_ON_GREEN,
            YELLOW_ON_BLACK,
        ),
        families=(
            "din",
            "fe",
            "uk",
            "us",
            "thin",
            "heavy",
            "condensed",
            "wide",
            "boxy",
            "oval",
            "italic",
            "slab",
            "dots",
        ),
        cap=(0.5, 0.85),
        fonts=0.25,
        left=("", "eu", "band", "scribble"),
        codes=EU_CODES,
        extras=0.5,
        graphics=0.15,
    ),
    Layout(
        "square-europe",
        weight=3,
        aspect=(1.25, 1.75),
        patterns=patterns(f"{_EUROPE} {_FEWER} DE RO TR UA", 2),
        schemes=(DARK_ON_WHITE, DARK_ON_WHITE, DARK_ON_YELLOW, BLUE_ON_WHITE),
        families=("fe", "din", "condensed"),
        cap=(0.72, 0.86),
        left=("", "eu"),
        codes=EU_CODES,
        relief=0.6,
    ),
    Layout(
        "square-uk",
        weight=3,
        aspect=(1.3, 1.5),
        patterns=patterns("GB", 2),
        schemes=(PLAIN_WHITE, PLAIN_YELLOW, PLAIN_YELLOW),
        families=("uk",),
        cap=(0.74, 0.86),
        relief=0.15,
    ),
    Layout(
        "square-asia",
        weight=3,
        aspect=(1.2, 2.0),
        patterns=patterns("IN VN PK LK KH MM MY TW HK JP KR SA MV", 2),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, SILVER_ON_BLACK, WHITE_ON_BLUE),
        families=("din", "us", "thin", "condensed", "heavy"),
        cap=(0.66, 0.86),
        fonts=0.3,
    ),
    Layout(
        "square-wide",
        weight=2,
        aspect=(1.6, 2.4),
        patterns=patterns("PK LK TH AE BR GH", 2) + _list("aaa|aaaa, aaaa|aaa, aaaa|aaaaa"),
        schemes=(PLAIN_WHITE, PLAIN_YELLOW, WHITE_ON_BLACK, Scheme(AMBER, BLACK, None), GREEN_ON_WHITE, DARK_ON_WHITE),
        families=("us", "din", "heavy", "thin"),
        cap=(0.62, 0.84),
        fonts=0.3,
        left=("", "chip", "scribble"),
        codes=("PK", "SL", "TH"),
        bottom=("", "PUNJAB", "SINDH"),
        extras=0.5,
    ),
    Layout(
        "motorcycle",
        weight=2,
        aspect=(1.15, 1.5),
        patterns=patterns("US BR CO GT UY PY AR KE UG TZ ZM ZW NG ZA", 2)
        + _list("lld|ddd, dd l|dddd, dddd|ll, aaa|aaa"),
        schemes=(DARK_ON_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, PLAIN_WHITE),
        families=("din", "us", "condensed", "fe"),
        cap=(0.7, 0.85),
        top=("", "", "CALIFORNIA", "BRASIL"),
        relief=0.5,
    ),
)
