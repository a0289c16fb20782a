"""Plates of Europe and its neighbours in the Caucasus.

Sources: the countries' registration authorities as named, and Wikipedia's "Vehicle registration plates of ..." articles
(WP), which quote the regulations.
"""

from __future__ import annotations

from lpr.world.formats.country import Country

EUROPE = (
    Country("AD", "Andorra", "l dddd", vehicles=0.1, source="WP Andorra"),
    Country("AL", "Albania", "ll ddd ll", never="IOQ", vehicles=0.7, source="WP Albania, since 2011"),
    Country("AM", "Armenia", "ddd ll dd, dd ll ddd", vehicles=0.5, source="WP Armenia"),
    Country(
        "AT",
        "Austria",
        "l*ddddd l, ll*ddd ll, ll*dddd l, l*dddd ll, ll ddd ll, ll dddd l, ll*ddd|ll",
        "l ddddd l, l dddd l",
        never="OQ",
        vehicles=6.5,
        source="Kraftfahrgesetz-Durchführungsverordnung, section 26",
    ),
    Country("AZ", "Azerbaijan", "dd-ll-ddd", vehicles=1.5, source="WP Azerbaijan"),
    Country("BA", "Bosnia and Herzegovina", "ldd-l-ddd", vehicles=1, source="WP Bosnia: A E J K M O T only"),
    Country("BE", "Belgium", "d-lll-ddd, d-lll|ddd", "lll-ddd, ddd-lll", vehicles=7, source="WP Belgium, since 2010"),
    Country("BG", "Bulgaria", "ll dddd ll, l dddd ll", "l dddd l, ll dddd l", vehicles=3.5, source="WP Bulgaria"),
    Country("BY", "Belarus", "dddd ll-d", "dddd ll", vehicles=3.3, source="WP Belarus"),
    Country("CH", "Switzerland", "ll dddddd, ll ddddd, ll dddd, ll ddd", vehicles=5.5, source="ASTRA"),
    Country("CY", "Cyprus", "lll ddd", vehicles=0.6, source="WP Cyprus"),
    Country(
        "CZ",
        "Czechia",
        "dld dddd, dll dddd, dld|dddd",
        "lll dd-dd",
        never="GOQW",
        vehicles=7,
        source="Decree 343/2014: no G, O, Q, W",
    ),
    Country(
        "DE",
        "Germany",
        "l*ll dddd, ll*ll ddd, ll*l dddd, lll*l ddd, l*l ddd, lll*ll dd, ll*ll dddd, l*l dddd, ll*l ddd, ll*l dd, "
        "l*ll ddd, lll*l dd, l*ll|dddd, ll*ll|dddd, ll*l|dddd, lll*l|ddd",
        "lll*l dddd, ll*ll dd",
        vehicles=50,
        source="Fahrzeug-Zulassungsverordnung, section 9",
    ),
    Country("DK", "Denmark", "ll dd ddd, ll ddddd", never="IOQW", vehicles=3.2, source="WP Denmark: no I, O, Q, W"),
    Country("EE", "Estonia", "ddd lll", vehicles=0.9, source="WP Estonia"),
    Country(
        "ES",
        "Spain",
        "dddd lll, dddd|lll",
        "l dddd ll, ll dddd ll, l dddd l",
        never="QAEIOU",
        vehicles=29,
        source="Reglamento General de Vehículos, annex XVIII: no vowels, no Q",
    ),
    Country("FI", "Finland", "lll-ddd, ll-ddd, lll-dd, lll|ddd", vehicles=3.5, source="Traficom"),
    Country(
        "FR",
        "France",
        "ll-ddd-ll, ll-ddd|ll",
        "dddd ll dd, ddd lll dd, ddd ll dd, dddd ll|dd",
        never="IOU",
        vehicles=46,
        source="Arrêté du 9 février 2009: no I, O, U",
    ),
    Country(
        "GB",
        "United Kingdom",
        "lldd lll, lldd|lll",
        "l ddd lll, lll ddd l, lll ddd, l dd lll, d lll, dd lll, l ddd|lll, lll|ddd l",
        never="IQ",
        vehicles=41,
        source="DVLA INF104: no I and Q in current serials",
    ),
    Country("GE", "Georgia", "ll-ddd-ll", "lll-ddd", vehicles=1.4, source="WP Georgia"),
    Country(
        "GR", "Greece", "lll-dddd", never="CDFGJLQRSUVW", vehicles=7, source="WP Greece: letters of both alphabets"
    ),
    Country(
        "HR", "Croatia", "ll*ddd-ll, ll*dddd-ll, ll ddd-ll, ll dddd-ll, ll ddd-l", vehicles=2.2, source="WP Croatia"
    ),
    Country("HU", "Hungary", "ll*ll-ddd, ll ll-ddd, lll-ddd, lll|ddd", vehicles=4.7, source="WP Hungary, since 2022"),
    Country(
        "IE",
        "Ireland",
        "ddd-l-ddddd, ddd-l-dddd, ddd-l-ddd, ddd-ll-ddd",
        "dd-l-dddd, dd-ll-dddd, dd-l-ddddd, dd-ll-ddd",
        vehicles=2.8,
        source="Vehicle Registration and Taxation Regulations 1992; half-years since 2013",
    ),
    Country("IS", "Iceland", "ll ldd, ll ddd", vehicles=0.3, source="WP Iceland"),
    Country(
        "IT",
        "Italy",
        "ll dddll, ll ddd ll, ll|ddd ll",
        "ll ddddd, ll dddddd",
        never="IOQU",
        vehicles=45,
        source="DPR 495/1992, since 1994: no I, O, Q, U",
    ),
    Country("LI", "Liechtenstein", "FL ddddd, FL dddd", vehicles=0.1, source="WP Liechtenstein"),
    Country("LT", "Lithuania", "lll ddd, ll dddd", vehicles=1.6, source="WP Lithuania"),
    Country("LU", "Luxembourg", "ll dddd", "dddd l, ddddd", vehicles=0.5, source="WP Luxembourg"),
    Country("LV", "Latvia", "ll-dddd, ll-ddd, ll-ddddd, ll|dddd", vehicles=0.9, source="WP Latvia"),
    Country("MC", "Monaco", "lddd, dddl, dddd", vehicles=0.1, source="WP Monaco"),
    Country("MD", "Moldova", "lll ddd", "l ll ddd, ll ll ddd", vehicles=1, source="WP Moldova, since 2015"),
    Country("ME", "Montenegro", "ll*ll ddd, ll ll ddd", vehicles=0.3, source="WP Montenegro"),
    Country("MK", "North Macedonia", "ll dddd ll, ll ddd ll", vehicles=0.5, source="WP North Macedonia"),
    Country("MT", "Malta", "lll ddd", vehicles=0.4, source="WP Malta"),
    Country(
        "NL",
        "Netherlands",
        "l-ddd-ll, ll-ddd-l, lll-dd-l, ddd-ll-d, d-ll-ddd",
        "dd-ll-ll, dd-lll-d, d-lll-dd, ll-dd-ll, ll-ll-dd, ll-dd-dd, dd-ll-dd, d-lll|dd",
        never="ACEIMOQUWY",
        vehicles=11,
        source="RDW: no vowels, C, M, Q, W, Y in current serials",
    ),
    Country("NO", "Norway", "ll ddddd, ll dddd, ll|ddddd", never="GIMOQ", vehicles=3.6, source="WP Norway"),
    Country(
        "PL",
        "Poland",
        "ll ddddd, lll ddddd, ll dddld, ll ddddl, lll dddd, ll dddll, lll ldddd, lll dldd, lll ddld, lll dllddd, "
        "lll lddd, lll ddll, ll ddd|ll, lll|dddd, ll|ddddd",
        "lll dddl, l dddd",
        vehicles=32,
        source="Rozporządzenie Ministra Infrastruktury 2017",
    ),
    Country(
        "PT",
        "Portugal",
        "ll-dd-ll",
        "dd-ll-dd, dd-dd-ll, ll-dd-dd",
        vehicles=6.5,
        source="Decreto-Lei 2/2020",
    ),
    Country(
        "RO",
        "Romania",
        "B ddd lll, B dd lll, ll dd lll, ll dd|lll",
        "B dddddd, ll dddddd",
        never="Q",
        vehicles=9,
        source="OMAI 1501/2006: county, numbers, three letters; red temporary numbers",
    ),
    Country(
        "RS", "Serbia", "ll*ddd-ll, ll*dddd-ll, ll ddd-ll, ll dddd-ll", never="W", vehicles=2.5, source="WP Serbia"
    ),
    Country(
        "RU",
        "Russia",
        "l ddd ll  dd, l ddd ll  ddd, l ddd|ll dd",
        "ll ddd dd, dddd ll dd",
        never="DFGIJLNQRSUVWZ",
        vehicles=55,
        source="GOST R 50577-2018: A B E K M H O P C T Y X",
    ),
    Country(
        "SE", "Sweden", "lll ddd, lll ddl, lll|ddd", never="IQV", vehicles=6, source="Transportstyrelsen: no I, Q, V"
    ),
    Country(
        "SI", "Slovenia", "ll*ll-ddd, ll ll-ddd, ll dd-lll, ll ddd-ll, ll*dd-ddd", vehicles=1.3, source="WP Slovenia"
    ),
    Country("SK", "Slovakia", "ll dddll, ll*dddll, ll dddd l, lllddd", vehicles=2.8, source="WP Slovakia"),
    Country("SM", "San Marino", "l dddd", vehicles=0.1, source="WP San Marino"),
    Country(
        "TR",
        "Turkey",
        "dd lll ddd, dd ll ddd, dd lll dd, dd ll dddd, dd l dddd, dd l ddddd, dd ll|ddd, dd lll|ddd",
        never="QWX",
        vehicles=25,
        source="Karayolları Trafik Yönetmeliği: province 01 to 81",
    ),
    Country(
        "UA",
        "Ukraine",
        "ll dddd ll, ll dddd|ll",
        "ll dd-dd ll, ddd-dd ll, ddddd ll",
        never="DFGJLNQRSUVWYZ",
        vehicles=10,
        source="DSTU 4278:2019: A B C E H I K M O P T X",
    ),
    Country("XK", "Kosovo", "dd ddd ll", vehicles=0.4, source="WP Kosovo"),
)
