"""A report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined

from lpr.review.document import Code, Drawing, Graph, Paragraph, Readings, Section, Table


def render(sections: Iterable[Section]) -> str:
    """Return the page; everything in it but our own drawings is escaped by the template."""
    environment = Environment(
        loader=PackageLoader("lpr.review", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for kind in (Code, Drawing, Graph, Paragraph, Readings, Table):
        environment.tests[kind.__name__.lower()] = lambda value, kind=kind: isinstance(value, kind)
    return environment.get_template("page.html.j2").render(sections=list(sections))
