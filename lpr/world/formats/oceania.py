"""Plates of Oceania. Sources as in `europe`."""

from __future__ import annotations

from lpr.world.formats.country import Country

OCEANIA = (
    Country(
        "AU",
        "Australia",
        "lll ddd, lll.ddd, ll.dd.ll, ddd.lll, dll.dll, ddd.lld, lll.ddl, ldddlll, ldd.ddl, d lll ddd, dlll ddd, "
        "lll-ddd, ddd lll, dlldll, lll|ddd",
        "lllddl",
        vehicles=20,
        source="the states: NSW ABC.12D, AB.12.CD; VIC 1AB.2CD; QLD 123.AB4; SA S123.ABC; WA 1ABC 123",
    ),
    Country("FJ", "Fiji", "ll ddd", vehicles=0.1, source="WP Fiji"),
    Country("NZ", "New Zealand", "llldd, lllddd, lll|ddd", "lldddd, ll dddd", never="OV", vehicles=4.5, source="NZTA"),
    Country("PG", "Papua New Guinea", "lll ddd", vehicles=0.2, source="WP Papua New Guinea"),
)
