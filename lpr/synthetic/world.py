"""The plates of the world that are drawn, as data."""

from __future__ import annotations

from lpr.synthetic.layouts import WHITE, YELLOW, Layout, Scheme

CREAM, SILVER = (232, 226, 205), (190, 192, 194)
AMBER, ORANGE = (232, 160, 20), (222, 120, 40)
BLACK, CHARCOAL = (22, 22, 24), (48, 48, 52)
RED, GREEN, BLUE, NAVY, MAROON = (186, 28, 36), (22, 110, 62), (28, 68, 160), (22, 34, 92), (110, 20, 40)
SKY, MINT, ROSE, SAND = (170, 204, 230), (178, 220, 190), (236, 206, 210), (226, 204, 160)

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
        patterns=_list("l*ll dddd, ll*ll ddd, ll*l dddd, lll*l ddd, l*l ddd, lll*ll dd, ll*ll dddd"),
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
        patterns=_list(
            "ll-ddd-ll, lll ddd, lll-ddd, ll dddd, ddd-lll, dddd lll, lll dd l, l dd ddd, ll-dd-ll, "
            "dd-ll-ll, d lll ddd, ll ddddd, d-lll-ddd, dld dddd, ll-dddd, ll*ddd ll"
        ),
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
        patterns=_list("B ddd lll, B dd lll, ll dd lll, B dddddd"),
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
        patterns=_list("lldd lll, lldd lll, l ddd lll, lll ddd l, lll ddd, l dd lll, d lll, dd lll"),
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
        patterns=_list("dd l dddd, dd ll ddd, dd ll dddd, dd lll dd, dd lll ddd"),
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
        patterns=_list("ll dddd ll, ll dddd ll, ll dd-dd ll"),
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
        patterns=_list("l ddd ll  dd, l ddd ll  ddd"),
        schemes=(DARK_ON_WHITE,),
        families=("din", "wide", "thin"),
        cap=(0.6, 0.76),
    ),
    Layout(
        "ireland",
        weight=2,
        aspect=(4.3, 4.8),
        patterns=_list("dd-l-dddd, ddd-l-ddddd, dd-ll-dddd"),
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
        patterns=_list("ll dd ll dddd, ll dd l dddd, lldd ll dddd, ll-dd-ll-dddd, ll dd dddd, ll.dd.ll dddd"),
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
        patterns=_list("lll-ddd, lll ddd, ll-dddd, lll.dddd, ll ddd, lll-dddd, lll*ddd"),
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
        patterns=_list("dddddd, ddddd, l ddddd, l dddd, dd-ddddd, dddd lll, d ddddd, ll dddd"),
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
        patterns=_list("llldldd, llldldd, ll ddd ll, lll dddd"),
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
        patterns=_list("lll-dddd, lll.ddd, lll ddd, l ddd ddd, ll.ll.dd, lll-ddd, ll-dd-dd"),
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
        patterns=_list(
            "ddd lll, lll dddd, lllddd, lll*ddd, dlllddd, dddd ll, lll-dddd, ll ddddd, ddd-lll, lldd lll, "
            "aaaaaa, aaa-aaa, aaaaaaa, ddd*ddd, lll ldd, dld*lld, d llddd, lll.ddd, llllll, lllll"
        ),
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
        patterns=_list("lll ddd, lll.ddd, ddd.lll, ll.dd.ll, dll.dll, lll.ddl, ldddlll"),
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
        patterns=_list("lll dddd, ll dddd, l ddd, lll ddd, dddd ll dd, l dddd l, ddd lll"),
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
        patterns=_list("l.ddddd, l.lddddd, l.ddldd, l.ddddl"),
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
        patterns=_list("dd-ddd-dd, ddd-dd-ddd, dd.ddd.dd"),
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
        patterns=_list("ll dd ll*ll, lll ddd*ll, lll dddl, l ddd lll, lll-ddd ll, ll dddd-dd"),
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
        patterns=_list("ll dd|lll, lll|ddd, l*ll|dddd, ll*ll|ddd, ddd|lll, ll|dddd, lll|dd l, dd ll|dddd, ll ddd|ll"),
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
        patterns=_list("lldd|lll, lldd|lll, l ddd|lll, lll|ddd l"),
        schemes=(PLAIN_WHITE, PLAIN_YELLOW, PLAIN_YELLOW),
        families=("uk",),
        cap=(0.74, 0.86),
        relief=0.15,
    ),
    Layout(
        "square-asia",
        weight=3,
        aspect=(1.2, 2.0),
        patterns=_list(
            "ll dd|ll dddd, ll dd l|dddd, dd-ld|ddd.dd, dd-ld|dddd, lll|dddd, ll dd|dddd, dd-ll|ddddd, lll|ddd"
        ),
        schemes=(DARK_ON_WHITE, PLAIN_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, SILVER_ON_BLACK, WHITE_ON_BLUE),
        families=("din", "us", "thin", "condensed", "heavy"),
        cap=(0.66, 0.86),
        fonts=0.3,
    ),
    Layout(
        "square-wide",
        weight=2,
        aspect=(1.6, 2.4),
        patterns=_list("lll-dd|dd, lll|dddd, ll-dd|dddd, lll dd|ddd, aaa|aaaa, aaaa|aaa, aaaa|aaaaa"),
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
        patterns=_list("lll|ddd, ll|dddd, lld|ddd, dd l|dddd, lldd|lll, dddd|ll, aaa|aaa"),
        schemes=(DARK_ON_WHITE, DARK_ON_YELLOW, WHITE_ON_BLACK, PLAIN_WHITE),
        families=("din", "us", "condensed", "fe"),
        cap=(0.7, 0.85),
        top=("", "", "CALIFORNIA", "BRASIL"),
        relief=0.5,
    ),
)
