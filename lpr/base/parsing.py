"""Parsing JSON and YAML that anybody may have written: what is wrong is a ValueError, and a small text stays small."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_LONGEST = 1 << 18  # characters; a params.yaml has 4,000, the longest data.yaml with a thousand class names 30,000
_DEEPEST = 40
_MOST = 100_000  # values, and tens of characters, once all aliases are followed
_LONGEST_PLAIN = 1000  # characters without quotes: numbers, which take time in the square of their length


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON document. Raises ValueError where it is none, or nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_yaml(path: Path | str) -> Any:
    """Return the value of a YAML file, made of plain values alone.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no YAML, or far larger than any that people write; also once its aliases are followed.
    """
    with Path(path).open(encoding="utf-8-sig") as stream:
        return parse_yaml(stream.read(_LONGEST + 1))


def parse_yaml(text: str) -> Any:
    """Return the value of a YAML document; else like `read_yaml`."""
    import yaml

    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    try:
        _check(yaml.parse(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except Exception as error:  # PyYAML lets out whatever int(), float() and date() raise on what is tagged as one
        raise ValueError(" ".join(str(error).split())[:300]) from error


def _check(events: Iterable[Any]) -> None:
    """Raise ValueError where a document is deep, refers to itself, or unfolds to much more than was written.

    Lists of aliases of lists of aliases are cheap to load, but not to print, check or copy, and merged mappings are
    copied by the loader itself.
    """
    from yaml import events as kinds

    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []
    size = 0
    for event in events:
        if isinstance(event, kinds.CollectionStartEvent):
            open_.append((event.anchor, size))
            size = 1
        elif isinstance(event, kinds.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor is not None:
                sizes[anchor] = size
            size += before
        elif isinstance(event, kinds.ScalarEvent):
            if len(event.value) > _LONGEST_PLAIN and (event.implicit[0] or event.tag is not None):
                raise ValueError(f"a value of {len(event.value)} characters without quotes")
            own = 1 + len(event.value) // 10
            if event.anchor is not None:
                sizes[event.anchor] = own
            size += own
        elif isinstance(event, kinds.AliasEvent):
            if event.anchor not in sizes:
                raise ValueError(f"*{str(event.anchor)[:40]} refers to what contains it, or to nothing")
            size += sizes[event.anchor]
        if size > _MOST:
            raise ValueError(f"unfolds to more than {_MOST} values")
        if len(open_) > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} deep")
