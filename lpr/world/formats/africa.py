"""Plates of Africa, in what stands on them in Latin letters and Western digits. Sources as in `europe`."""

from __future__ import annotations

from lpr.world.formats.country import Country

AFRICA = (
    Country("AO", "Angola", "ll-dd-dd-ll, lll-dd-dd", vehicles=1.5, source="WP Angola"),
    Country("BF", "Burkina Faso", "dd ll dddd, dddd ld dd", vehicles=1.5, source="WP Burkina Faso"),
    Country("BI", "Burundi", "l dddd l, ldddda", vehicles=0.2, source="WP Burundi"),
    Country("BJ", "Benin", "ll dddd, l dddd ll", vehicles=0.6, source="WP Benin"),
    Country("BW", "Botswana", "B ddd lll", vehicles=0.6, source="WP Botswana"),
    Country("CD", "DR Congo", "dddd ll dd", vehicles=1.5, source="WP DR Congo"),
    Country("CG", "Congo", "ddd ll d", vehicles=0.2, source="WP Congo"),
    Country(
        "CI", "Côte d'Ivoire", "ll ddd ll", "dddd ll dd, dddd ld dd", vehicles=1.2, source="WP Ivory Coast, since 2023"
    ),
    Country("CM", "Cameroon", "ll ddd ll, ll dddd l", vehicles=0.8, source="WP Cameroon"),
    Country(
        "DZ", "Algeria", "ddddd-ddd-dd, dddddd ddd dd", vehicles=7, source="WP Algeria: serial, kind and year, province"
    ),
    Country(
        "EG", "Egypt", "lll ddd, ll dddd, lll dddd, ddd lll, dddd lll", vehicles=10, source="WP Egypt; Arabic and Latin"
    ),
    Country("ET", "Ethiopia", "d-ldddddd, d ddddd, ddddd", vehicles=1.3, source="WP Ethiopia"),
    Country("GA", "Gabon", "ll-ddd-ll", vehicles=0.3, source="WP Gabon"),
    Country("GH", "Ghana", "ll dddd-dd, ll ddd-dd, ll-dddd-dd, ll dddd l, ll dddd|dd", vehicles=3, source="DVLA Ghana"),
    Country("GM", "Gambia", "lll dddd l, ll dddd", vehicles=0.1, source="WP Gambia"),
    Country("GN", "Guinea", "ll dddd l, ll dddd", vehicles=0.4, source="WP Guinea"),
    Country(
        "KE", "Kenya", "lll dddl, lll ddd l, lll|ddd l", "lll ddd", never="IO", vehicles=4, source="NTSA: no I and O"
    ),
    Country("LR", "Liberia", "l dddddd, ldddd", vehicles=0.1, source="WP Liberia"),
    Country("LS", "Lesotho", "l dddd, lll ddd", vehicles=0.2, source="WP Lesotho"),
    Country("LY", "Libya", "d-dddddd, dd-ddddd", vehicles=3, source="WP Libya"),
    Country(
        "MA",
        "Morocco",
        "ddddd l d, ddddd l dd, ddddd-d",
        vehicles=4.8,
        source="NARSA; the letter is Arabic, or Latin abroad",
    ),
    Country("MG", "Madagascar", "dddd lll, dddd ll", vehicles=0.6, source="WP Madagascar"),
    Country("ML", "Mali", "ll dddd ll, ldddd ld", vehicles=0.8, source="WP Mali"),
    Country("MR", "Mauritania", "dddd ll dd", vehicles=0.5, source="WP Mauritania"),
    Country("MU", "Mauritius", "dddd ll dd, ll dddd", vehicles=0.6, source="WP Mauritius"),
    Country("MW", "Malawi", "ll dddd, lll ddd, ll ddddd", vehicles=0.5, source="WP Malawi"),
    Country("MZ", "Mozambique", "lll ddd ll, lll dddll, ll dd dd", vehicles=1, source="WP Mozambique"),
    Country("NA", "Namibia", "N ddddd l, N dddd l, N dddddd ll", vehicles=0.4, source="WP Namibia"),
    Country("NE", "Niger", "dl dddd ll", vehicles=0.4, source="WP Niger"),
    Country(
        "NG",
        "Nigeria",
        "lll-ddd ll, lll ddd*ll, lll ddd ll, ll ddd|lll, lll|ddd ll",
        "ll ddd lll, l ddd lll, ll dd ll*ll",
        vehicles=12,
        source="FRSC, since 2011",
    ),
    Country("RW", "Rwanda", "lll ddd l, lll dddl", vehicles=0.3, source="WP Rwanda"),
    Country("SC", "Seychelles", "S ddddd", vehicles=0.1, source="WP Seychelles"),
    Country("SD", "Sudan", "d ddddd, dd ddddd", vehicles=1.2, source="WP Sudan"),
    Country("SL", "Sierra Leone", "lll ddd, lll|ddd", vehicles=0.2, source="WP Sierra Leone"),
    Country("SN", "Senegal", "ll-ddd-ll, ll dddd l, ll-dddd-ll", vehicles=0.9, source="WP Senegal"),
    Country("SO", "Somalia", "ll dddd", vehicles=0.2, source="WP Somalia"),
    Country("SZ", "Eswatini", "lSd ddd ll", vehicles=0.2, source="WP Eswatini"),
    Country("TD", "Chad", "dd l dddd l", vehicles=0.3, source="WP Chad"),
    Country("TG", "Togo", "TG dddd ll, dddd ll", vehicles=0.4, source="WP Togo"),
    Country("TN", "Tunisia", "ddd dddd, dd dddd, ddd ddd", vehicles=2.5, source="WP Tunisia; Tunis in Arabic between"),
    Country("TZ", "Tanzania", "T ddd lll, ldddlll, lll ddd, ddd lll", never="IO", vehicles=2.5, source="TRA"),
    Country("UG", "Uganda", "lll ddd l, ll dddll, lll dddl, lll|ddd l", vehicles=2, source="WP Uganda"),
    Country(
        "ZA",
        "South Africa",
        "ll dd ll*ll, ll dd ll ll, lll dddl, lll ddd l, ll ddd ddd, ll ddddd, lll ddd ll, ll dd dd ll, ll dd|ll ll",
        "lll ddd*ll, ll dddd, lll dddddd",
        never="AEIOUQ",
        vehicles=13,
        source="NaTIS: Gauteng BB 11 BB GP without vowels and Q; KwaZulu-Natal, Cape and others of their own",
    ),
    Country("ZM", "Zambia", "lll dddd, lll ddd, lll|dddd", vehicles=0.9, source="WP Zambia"),
    Country("ZW", "Zimbabwe", "lll dddd, ll dddd, lll-dddd, lll|dddd", "ddd ddd l", vehicles=1.5, source="WP Zimbabwe"),
)
