"""A report as GitHub's Markdown, and the rules by which a report of unknown origin can be told from one.

Only a few constructs are written, each on a line of its own, and text from elsewhere stands in code spans, where GitHub
resolves no mention, no link and no HTML. `faults` accepts nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lpr.review.document import Block, Code, Graph, Paragraph, Readings, Section, Table, Words

LONGEST = 60_000
"""Characters; GitHub refuses comments of more than 65,536."""
LONGEST_TEXT = 120
"""Characters of one text from elsewhere."""
READINGS = 8
"""Plates of one block of readings that are listed."""

_PLAIN = r"A-Za-z0-9 .,:;%+()/'=?!±·–−→▲▼\-"
_WORDS = re.compile(rf"[{_PLAIN}]*")
_LINE = re.compile(rf"(#{{1,3}} |- )?[{_PLAIN}*|]*")
_SUMMARY = re.compile(rf"<details><summary>[{_PLAIN}]*</summary>")
_SPAN = re.compile(r"`[^`]+`")
_LINK = re.compile(r"//|www\.", re.IGNORECASE)
_NODE = r"[A-Za-z0-9_]+"
_GRAPH_LINE = re.compile(rf"flowchart LR|  {_NODE}( --> {_NODE})?|  class {_NODE}(,{_NODE})* changed")
_STYLE = "  classDef changed stroke-width:3px"
# What would end a code span or a cell, or hide what stands there, is shown as a relative of itself.
_REPLACED = str.maketrans({"`": "ˋ", "\\": "＼", "|": "¦", "@": "＠"})


def render(sections: Iterable[Section]) -> str:
    """Return the report. What exceeds `LONGEST` is left out section by section from the end, and the report says so."""
    parts: list[str] = []
    left_out = []
    for section in sections:
        part = "\n".join(_section(section))
        if sum(map(len, parts)) + len(part) > LONGEST - 1000:
            left_out.append(section.title)
        else:
            parts.append(part)
    if left_out:
        parts.append(f"Too long to be shown here: {', '.join(left_out)}.\n")
    return "\n".join(parts)


def faults(text: str) -> list[str]:
    """Return why a Markdown text cannot be a report that `render` wrote, a line for each fault; [] if it can."""
    found = []
    if len(text) > LONGEST:
        found.append(f"{len(text)} characters, more than {LONGEST}")
    lines = text.split("\n")
    fenced = False
    for number, line in enumerate(lines, 1):
        if fenced:
            fenced = line != "```"
            if fenced and line != _STYLE and not _GRAPH_LINE.fullmatch(line):
                found.append(f"line {number}: not a line of a stages' graph")
        elif line == "```mermaid":
            fenced = True
        elif line == "</details>" or _SUMMARY.fullmatch(line):
            # Without blank lines around it HTML goes on, and in HTML a code span is none.
            if "".join(lines[number : number + 1]) or "".join(lines[max(number - 2, 0) : number - 1]):
                found.append(f"line {number}: no blank lines around {line[:9]}")
        elif fault := _fault(line):
            found.append(f"line {number}: {fault}")
    if fenced:
        found.append("a graph without an end")
    return found


def code(text: str) -> str:
    """Return text from elsewhere as a code span that nothing in it can end, cut at `LONGEST_TEXT` characters."""
    text = "".join(c if c.isprintable() else "�" for c in text.translate(_REPLACED)).strip()
    return f"`{text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + '…'}`" if text else "–"


def _fault(line: str) -> str | None:
    if "``" in line or "\\" in line or line.count("`") % 2:
        return "code that does not end in its line"
    if line != line.lstrip():
        return "indented"
    spans = "".join(_SPAN.findall(line))
    # A bar ends a table's cell even inside of code.
    if "|" in spans or "@" in spans or not spans.isprintable():
        return "code with a bar, a mention, or characters that are hidden"
    rest = _SPAN.sub("x", line)
    for sign, meaning in (("@", "a mention"), ("<", "HTML"), ("[", "a link or an image"), ("&", "an entity")):
        if sign in rest:
            return f"{meaning}, which no report holds"
    if _LINK.search(rest):
        return "an address, which no report holds"
    return None if _LINE.fullmatch(rest) else "characters that no report holds outside of code"


def _section(section: Section) -> Iterator[str]:
    if section.folded:
        yield from (f"<details><summary>{_own(section.title)}</summary>", "")
    else:
        yield from (f"### {_own(section.title)}", "")
    for block in section.blocks:
        if lines := list(_block(block)):
            yield from (*lines, "")
    if section.folded:
        yield from ("</details>", "")


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield f"**{_join(block.words)}**" if block.strong else _join(block.words)
    elif isinstance(block, Table):
        yield f"| {' | '.join(_own(name.strip()) for name in block.head)} |"
        yield f"|{'|'.join('--:' if name.startswith(' ') else '---' for name in block.head)}|"
        for row in block.rows:
            yield f"| {' | '.join(_word(cell) for cell in row)} |"
    elif isinstance(block, Readings):
        shown = block.plates[:READINGS]
        rows: list[tuple[Words, ...]] = [(Code(p.image), Code(p.truth), p.base, p.here, p.confidence) for p in shown]
        yield from _block(Table(("image", "true", "base", "here", " confidence"), rows))
        if rest := len(block.plates) - len(shown):
            yield from ("", f"These are the surest; {rest} more are on the page of this report.")
    elif isinstance(block, Graph):
        yield from ("```mermaid", "flowchart LR", *_graph(block), "```")


def _graph(graph: Graph) -> Iterator[str]:
    names = {stage: re.sub(r"[^A-Za-z0-9_]", "_", stage) for stage in graph.edges}
    for stage, sources in graph.edges.items():
        yield from (f"  {names[source]} --> {names[stage]}" for source in sources)
        if not sources:
            yield f"  {names[stage]}"
    if marked := [names[stage] for stage in graph.edges if stage in graph.changed]:
        yield from (_STYLE, f"  class {','.join(marked)} changed")


def _join(words: Iterable[Words]) -> str:
    return " ".join(map(_word, words)).replace("` .", "`.")


def _word(word: Words) -> str:
    return code(word.text) if isinstance(word, Code) else _own(word)


def _own(text: str) -> str:
    # A word of ours that Markdown could take for more is code as well.
    return text if _WORDS.fullmatch(text) and not _LINK.search(text) else code(text)
