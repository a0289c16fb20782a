"""Curves of the detection and of the confidences against the base's."""

from __future__ import annotations

from collections.abc import Iterator

from lpr.evaluation.report.figures import against_base
from lpr.evaluation.report.tables import RELIABILITY
from lpr.review.document import Drawing, Section
from lpr.review.sides import CURVES, Sides


def sections(sides: Sides) -> Iterator[Section]:
    """Yield a section with the curves that differ, none where all are as at the base."""
    base, here = sides.base.curves, sides.here.curves
    changed = [title for title in CURVES if base.get(title) != here.get(title)]
    if changed:
        section = Section("Curves that changed")
        names = "; ".join(title[0].lower() + title[1:] for title in changed)
        section.say(f"They are drawn on the page of this report: {names}.")
        for title in changed:
            x, y = (name.capitalize() for name in CURVES[title].columns[:2])
            calibrated = CURVES[title] is RELIABILITY
            drawing = against_base(x, y, base.get(title, []), here.get(title, []), calibrated)
            section.blocks.append(Drawing(title, drawing))
        yield section
