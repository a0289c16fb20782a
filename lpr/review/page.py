"""A report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable

from lpr.evaluation.report.page import environment
from lpr.review.document import Code, Drawing, Graph, Paragraph, Readings, Section, Table


def render(sections: Iterable[Section]) -> str:
    """Return the page; everything in it but our own drawings is escaped by the template."""
    templates = environment("lpr.review")
    for kind in (Code, Drawing, Graph, Paragraph, Readings, Table):
        templates.tests[kind.__name__.lower()] = lambda value, kind=kind: isinstance(value, kind)
    return templates.get_template("page.html.j2").render(sections=list(sections))
