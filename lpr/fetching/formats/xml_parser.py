"""Parsing XML without document types, entities or anything else from outside."""

from __future__ import annotations

from typing import Any, Protocol
from xml.parsers import expat


class Target(Protocol):
    """Takes a document's elements and texts, as `xml.etree.ElementTree.TreeBuilder` does."""

    def start(self, tag: Any, attrs: Any, /) -> Any: ...

    def end(self, tag: Any, /) -> Any: ...

    def data(self, data: Any, /) -> Any: ...


def parser_into(target: Target) -> expat.XMLParserType:
    """Return a parser that hands on to `target` what `feed` gives it."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = target.start
    parser.EndElementHandler = target.end
    parser.CharacterDataHandler = target.data
    return parser


def feed(parser: expat.XMLParserType, block: bytes, last: bool) -> None:
    """Parse a block of a document. Raises ValueError where it is no XML, or declares a document type."""
    try:
        parser.Parse(block, last)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"not readable as XML: {error}") from error


def _refuse_doctype(*_: object) -> None:
    raise ValueError("XML declares a document type, which annotation files have no need of")
