"""Plates of the Americas. Sources as in `europe`."""

from __future__ import annotations

from lpr.world.formats.country import Country

AMERICAS = (
    Country(
        "AR",
        "Argentina",
        "ll ddd ll, l ddd lll",
        "lll ddd, ddd lll, lll|ddd",
        vehicles=15,
        source="DNRPA, Mercosur since 2016",
    ),
    Country("BO", "Bolivia", "dddd-lll, ddd-lll, dddd lll", vehicles=2.2, source="WP Bolivia"),
    Country(
        "BR",
        "Brazil",
        "llldldd, lll dldd, lll|dldd",
        "lll-dddd, lll dddd, lll.dddd, lll|dddd",
        vehicles=60,
        source="Resolução CONTRAN 729/2018; the grey plates before it",
    ),
    Country("BS", "Bahamas", "ll dddd, dddddd", vehicles=0.1, source="WP Bahamas"),
    Country(
        "CA",
        "Canada",
        "llll ddd, lll dddd, ldd lll, lll ddd, ddd lll, ll dddl, lll-dddd, ll-dddl",
        "dddd ll, ll ddddd",
        never="GIOQU",
        vehicles=26,
        source="the provinces: ON ABCD 123, QC A12 BCD, AB ABC-1234, BC AB1 23C",
    ),
    Country(
        "CL",
        "Chile",
        "ll.ll.dd, ll ll dd, ll*ll*dd",
        "ll.dd.dd, ll dd dd",
        never="AEIMNOQU",
        vehicles=6,
        source="Registro Civil: no vowels, M, N, Q since 2007",
    ),
    Country("CO", "Colombia", "lll ddd, lll-ddd, lll*ddd, lll ddl, lll|ddd, lll|ddl", vehicles=17, source="RUNT"),
    Country("CR", "Costa Rica", "lll-ddd, lll ddd, dddddd", vehicles=1.5, source="WP Costa Rica"),
    Country("CU", "Cuba", "l dddddd, l ddd ddd", "lll ddd", vehicles=0.6, source="WP Cuba, since 2013"),
    Country("DO", "Dominican Republic", "l dddddd, ldddddd", vehicles=5, source="DGII"),
    Country("EC", "Ecuador", "lll-dddd, lll-ddd, lll dddd", vehicles=3, source="ANT"),
    Country("GT", "Guatemala", "l ddd lll, l-ddd lll, l ddd|lll", vehicles=4.5, source="WP Guatemala"),
    Country("GY", "Guyana", "lll dddd, ll dddd", vehicles=0.2, source="WP Guyana"),
    Country("HN", "Honduras", "lll dddd, lll-dddd", vehicles=2.3, source="WP Honduras"),
    Country("HT", "Haiti", "ll ddddd", vehicles=0.3, source="WP Haiti"),
    Country("JM", "Jamaica", "dddd ll, ll dddd", vehicles=0.7, source="WP Jamaica"),
    Country(
        "MX",
        "Mexico",
        "lll-ddd-l, lll-dd-dd, lll-dddl, l-ddd-lll, ll-ddd-l, ddd-lll, ll-dddd-l",
        "lll-dddd, lll dddd, ll-ddddd",
        never="IOQ",
        vehicles=50,
        source="NOM-001-SCT-2-2016: no I, O, Q",
    ),
    Country("NI", "Nicaragua", "l ddd ddd, ll ddddd, l ddddd", vehicles=0.9, source="WP Nicaragua"),
    Country("PA", "Panama", "ll dddd, dddddd", vehicles=1.2, source="WP Panama"),
    Country("PE", "Peru", "lal-ddd, ldl-ddd, lll-ddd", "ll-dddd, lll ddd", vehicles=3, source="MTC, since 2010"),
    Country("PR", "Puerto Rico", "lll-ddd, lll ddd", vehicles=2.5, source="WP Puerto Rico"),
    Country("PY", "Paraguay", "llll ddd, ddd llll", "lll ddd, lll|ddd", vehicles=2.6, source="Mercosur since 2019"),
    Country("SR", "Suriname", "ll dd-dd, dddd ll", vehicles=0.2, source="WP Suriname"),
    Country("SV", "El Salvador", "l ddd ddd, l dddddd, l ddd-ddd", vehicles=1.2, source="WP El Salvador"),
    Country("TT", "Trinidad and Tobago", "lll dddd, ll dddd", vehicles=0.9, source="WP Trinidad and Tobago"),
    Country(
        "US",
        "United States",
        # In this order: CA; TX, NY, OH, PA, NC, GA, MI, VA, WI, WA; AZ; IL, CT; MD, CO and others; FL; TN; NJ; AL;
        # KS, OR, MN, LA, IA, KY, MO; ID; NM, and plates of lorries and trailers.
        "dlllddd, lll-dddd, lll dddd, llldddd, lll*dddd, lladldd, ll ddddd, dll dddd, llldd, lll ddd, lllddd, lll*ddd, "
        "lll.ddd, ll dddd, lldd lll, lll-dd, lll ldd, lll ddl, dld*lld, lddlll, l ddl lll, d llddd, ddd lll, ddd-lll, "
        "dddd ll, dll ddd, ddd*ddd, lll-dddl, ddddddl, lldddd, dlllddd, ddlldd, lll|ddd, ll|dddd",
        "ddd ddd, l ddddd, ddddddd, ldd lll, dldd ddd",
        never="",
        vehicles=285,
        source="the states' departments of motor vehicles; WP United States license plate designs and serial formats",
    ),
    Country("UY", "Uruguay", "lll dddd, lll|dddd", vehicles=2.5, source="WP Uruguay, Mercosur since 2015"),
    Country(
        "VE", "Venezuela", "ll ddd ll, ddlddll, ll dddll, lldddll", "lll ddl", vehicles=4, source="INTT, since 2008"
    ),
)
