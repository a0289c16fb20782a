"""A report as plain data, for two renderers: text that comes from elsewhere is marked, so that both can escape it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Code:
    """Text that is not ours: a name, a value, a plate. Shown as it is, in fixed width, and never interpreted."""

    text: str


Words = str | Code
"""Our own words as `str`, other text as `Code`."""


@dataclass(frozen=True)
class Paragraph:
    """A line of words; `strong` for the one that matters."""

    words: tuple[Words, ...]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells below a head. Columns whose head begins with a blank hold numbers, and end at the right."""

    head: tuple[str, ...]
    rows: list[tuple[Words, ...]]


@dataclass(frozen=True)
class Reading:
    """A plate that is read otherwise than at the base; `picture` is a JPEG as a data address, None without one."""

    image: str
    truth: str
    base: Words
    here: Words
    confidence: str
    picture: str | None = None


@dataclass(frozen=True)
class Readings:
    """Plates that are read otherwise, the surest first. Markdown lists some of them, the page shows all."""

    plates: list[Reading]


@dataclass(frozen=True)
class Drawing:
    """A drawing of ours as SVG, a `Markup`, for the page alone: GitHub shows none in a comment."""

    title: str
    svg: str


@dataclass(frozen=True)
class Graph:
    """The pipeline: each stage with those it reads from; `changed` ones are marked."""

    edges: dict[str, list[str]]
    changed: frozenset[str]


Block = Paragraph | Table | Readings | Drawing | Graph


@dataclass
class Section:
    """A part of the report; `folded` parts are opened by who wants them."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    folded: bool = False

    def say(self, *words: Words, strong: bool = False) -> None:
        """Add a line."""
        self.blocks.append(Paragraph(words, strong))
