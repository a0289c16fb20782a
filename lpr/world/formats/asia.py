"""Plates of Asia, in what stands on them in Latin letters and Western digits. Sources as in `europe`."""

from __future__ import annotations

from lpr.world.formats.country import Country

ASIA = (
    Country(
        "AE",
        "United Arab Emirates",
        "l ddddd, l dddd, dd-ddddd, dd ddddd, d ddddd, ll ddddd, l|ddddd",
        vehicles=4,
        source="RTA",
    ),
    Country("AF", "Afghanistan", "dddddd, ddddd", vehicles=1, source="WP Afghanistan"),
    Country("BD", "Bangladesh", "dd-dddd", vehicles=5, source="BRTA; the letters are Bengali"),
    Country("BH", "Bahrain", "dddddd, ddddd", vehicles=0.7, source="WP Bahrain"),
    Country("BN", "Brunei", "ll dddd, lll dddd", vehicles=0.3, source="WP Brunei"),
    Country("BT", "Bhutan", "ll-d-ldddd", vehicles=0.1, source="WP Bhutan"),
    Country(
        "CN",
        "China",
        "l.ddddd, l.lddddd, l.ddldd, l.ddddl, l.lddd dd, l.llddd, l.lldd d, l.lddd d, l.dlddd, l.llldd, l.dlldd, "
        "l|ddddd",
        never="IO",
        vehicles=300,
        source="GA 36-2018: no I and O; the province's sign before them is Chinese",
    ),
    Country("HK", "Hong Kong", "ll dddd, ll ddd, ll|dddd", never="IOQ", vehicles=0.9, source="Transport Department"),
    Country(
        "ID",
        "Indonesia",
        "l dddd lll, l dddd ll, ll dddd ll, ll dddd l, l dddd l, l ddd lll, ll dddd lll, l ddd ll",
        vehicles=140,
        source="Peraturan Kapolri 5/2012",
    ),
    Country("IL", "Israel", "ddd-dd-ddd, dd-ddd-dd, dd.ddd.dd", vehicles=4, source="Ministry of Transport, since 2017"),
    Country(
        "IN",
        "India",
        "ll dd ll dddd, ll dd l dddd, lldd ll dddd, ll-dd-ll-dddd, ll.dd.ll dddd, dd BH dddd ll, ll dd lll dddd, "
        "ll dd|ll dddd, ll dd l|dddd, ll dd ll|dddd",
        "ll dd dddd, ll d l dddd, ll d ll dddd, ll d lll dddd, ll dd|dddd, ll d l|dddd",
        never="IO",
        vehicles=300,
        source="Central Motor Vehicles Rules 1989, rule 50: no I and O; Bharat series since 2021",
    ),
    Country("IQ", "Iraq", "dd l ddddd, ddddddd", vehicles=7, source="WP Iraq"),
    Country("IR", "Iran", "dd ddd dd", vehicles=18, source="WP Iran; the letter is Persian"),
    Country("JO", "Jordan", "dd-ddddd, dd dddd, dd-dddd", vehicles=1.9, source="WP Jordan"),
    Country(
        "JP", "Japan", "dd-dd, ddd dd-dd, dd dd-dd, ddd|dd-dd", vehicles=78, source="WP Japan; area and kana aside"
    ),
    Country("KG", "Kyrgyzstan", "dd ddd lll", "l dddd l", vehicles=1.3, source="WP Kyrgyzstan"),
    Country("KH", "Cambodia", "dl-dddd, dll-dddd, dl|dddd, dll|dddd", vehicles=1, source="WP Cambodia"),
    Country("KP", "North Korea", "dd-dddd", vehicles=0.1, source="WP North Korea"),
    Country(
        "KR", "South Korea", "dd dddd, ddd dddd, ddd|dddd", vehicles=26, source="WP South Korea; the letter is Hangul"
    ),
    Country("KW", "Kuwait", "dd-ddddd, d-ddddd, dd ddddd", vehicles=2.3, source="WP Kuwait"),
    Country(
        "KZ",
        "Kazakhstan",
        "ddd lll dd, ddd ll dd",
        "l ddd lll, l ddd ll",
        vehicles=5,
        source="WP Kazakhstan, since 2012",
    ),
    Country("LA", "Laos", "dddd", vehicles=1, source="WP Laos; the letters are Lao"),
    Country("LB", "Lebanon", "l dddddd, l ddddd", vehicles=2, source="WP Lebanon"),
    Country(
        "LK",
        "Sri Lanka",
        "ll lll-dddd, lll-dddd, ll ll-dddd, lll|dddd, lll-dd|dd",
        "ll-dddd, dd-dddd, ddd-dddd, ll|dddd",
        vehicles=8,
        source="Department of Motor Traffic; the province's two letters before the serial until 2025",
    ),
    Country("MM", "Myanmar", "dl-dddd, ll-dddd, dl|dddd", vehicles=2, source="WP Myanmar"),
    Country("MN", "Mongolia", "dddd", vehicles=1.2, source="WP Mongolia; the letters are Cyrillic"),
    Country("MO", "Macau", "ll-dd-dd, l-dd-dd", vehicles=0.2, source="WP Macau"),
    Country("MV", "Maldives", "ldl dddd, ldl|dddd", vehicles=0.1, source="WP Maldives"),
    Country(
        "MY",
        "Malaysia",
        "lll dddd, lll ddd, ll dddd, ll dddd l, lll|dddd, ll|dddd",
        "l dddd, lll dd, lll d, ll ddd",
        never="IO",
        vehicles=36,
        source="JPJ: no I and O",
    ),
    Country(
        "NP", "Nepal", "l ll dddd, ll dd ll dddd", vehicles=4, source="embossed plates since 2017; older are Devanagari"
    ),
    Country("OM", "Oman", "dddd lll, ddddd ll, dddd ll, dddd l, ddddd l, ddd ll", vehicles=1.7, source="ROP"),
    Country("PH", "Philippines", "lll dddd, lll ddd, ldd lll", "ddd lll, llddd", vehicles=14, source="LTO"),
    Country(
        "PK",
        "Pakistan",
        "lll-ddd, lll ddd, lll.dddd, lll-dddd, lll*ddd, ll-ddd, ll ddd, lll dd dddd, ll dddd, "
        "lll-dd|dd, lll|dddd, ll-dd|dddd, lll dd|ddd, lll|ddd",
        "ll-dddd, l dddd, ll|dddd",
        vehicles=30,
        source="the provinces' excise departments: Punjab ABC-123, ABC-12-3456; Sindh ABC-123; Islamabad AB-123",
    ),
    Country("PS", "Palestine", "d dddd l, d-dddd-dd", vehicles=0.4, source="WP Palestine"),
    Country("QA", "Qatar", "dddddd, ddddd", vehicles=1.8, source="WP Qatar"),
    Country(
        "SA",
        "Saudi Arabia",
        "dddd lll, ddd lll, dddd|lll",
        never="CFIMOPQWY",
        vehicles=13,
        source="17 letters with Arabic twins",
    ),
    Country("SG", "Singapore", "lll dddd l, lll ddd l, lll|dddd l", "ll dddd l", never="IO", vehicles=1, source="LTA"),
    Country("SY", "Syria", "dddddd, ddddddd", vehicles=2.4, source="WP Syria"),
    Country(
        "TH", "Thailand", "d dddd, dddd, dd-dddd, lll|dddd", vehicles=42, source="WP Thailand; the letters are Thai"
    ),
    Country("TJ", "Tajikistan", "dddd ll dd", vehicles=0.5, source="WP Tajikistan"),
    Country("TM", "Turkmenistan", "ll dddd ll", vehicles=0.9, source="WP Turkmenistan"),
    Country(
        "TW",
        "Taiwan",
        "lll-dddd",
        "dddd-ll, ll-dddd, lll-ddd",
        never="O",
        vehicles=22,
        source="MVIS: no O and 4 since 2012",
    ),
    Country("UZ", "Uzbekistan", "dd l ddd ll, dd ddd lll", vehicles=3.5, source="WP Uzbekistan"),
    Country(
        "VN",
        "Vietnam",
        "ddl-ddd.dd, ddl ddd.dd, ddl-dddd, dd-ld|ddd.dd, dd-ll|ddd.dd, ddl|ddd.dd, dd-ll|ddddd",
        "ddl ddddd, dd-ld|dddd",
        never="IJOQRWY",
        vehicles=75,
        source="Thông tư 79/2024/TT-BCA: twenty letters",
    ),
    Country("YE", "Yemen", "d ddddd", vehicles=1, source="WP Yemen"),
)
