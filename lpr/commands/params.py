"""`lpr params RECIPE.yaml`: put the values of a recipe into params.yaml, and keep its comments."""

from __future__ import annotations

import argparse
import io
import reprlib
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("params", help="put the values of a recipe into params.yaml")
    parser.add_argument("recipe", metavar="RECIPE.yaml", type=Path, help="a part of params.yaml with other values")
    parser.add_argument("--file", default="params.yaml", type=Path, help="default: %(default)s")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Merge the recipe, write the file if something changes, and print each changed key."""
    from lpr.base.files import write_text

    text, changes = merge(arguments.file, arguments.recipe)
    if changes:
        write_text(arguments.file, text)
    for key, old, new in changes:
        print(f"{key}: {old} -> {new}")
    if not changes:
        print(f"{arguments.file} has these values already")
    return 0


def merge(params: Path, recipe: Path) -> tuple[str, list[tuple[str, Any, Any]]]:
    """Return params.yaml with a recipe's values, and what changes: key, old value, new value.

    Mappings are merged key by key; anything else, lists too, is replaced. Comments of params.yaml stay.

    Raises:
        LprError: a file is missing or no YAML, the recipe has a key that params.yaml lacks, or a value is not allowed.
    """
    from ruamel.yaml import YAML

    from lpr.base.parsing import parse_yaml
    from lpr.records.params import parse_params

    # PyYAML, which the stages read with, drops comments; ruamel.yaml keeps them, and lines as they are.
    keeper = YAML()
    keeper.preserve_quotes = True
    keeper.width = 1 << 20
    keeper.indent(mapping=2, sequence=4, offset=2)
    merged, overlay = _read(keeper, params), _read(keeper, recipe)
    changes = list(_merge(merged, overlay, "", str(recipe)))
    stream = io.StringIO()
    keeper.dump(merged, stream)
    text = stream.getvalue()
    try:
        value = parse_yaml(text)
    except ValueError as error:
        raise LprError(f"{recipe}: params.yaml would not be readable with it: {error}") from error
    parse_params(value, str(recipe))
    return text, changes


def _read(keeper: Any, path: Path) -> Any:
    from lpr.base.parsing import read_yaml

    try:
        read_yaml(path)  # ruamel.yaml bounds neither depth nor what aliases unfold to
        value = keeper.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file") from error
    except Exception as error:  # like PyYAML, it lets out whatever int() and float() raise
        raise LprError(f"{path}: not readable as YAML: {' '.join(str(error).split())[:300]}") from error
    if not isinstance(value, Mapping):
        raise LprError(f"{path}: holds no sections; it should look like a part of params.yaml")
    return value


def _merge(
    target: MutableMapping[str, Any], overlay: Mapping[str, Any], prefix: str, origin: str
) -> Iterator[tuple[str, Any, Any]]:
    for key, new in overlay.items():
        name = f"{prefix}{key}"
        if key not in target:
            raise LprError(f"{origin}: {name[:100]}: unknown key, since params.yaml has none of this name")
        old = target[key]
        if isinstance(old, Mapping):
            if not isinstance(new, Mapping):
                raise LprError(f"{origin}: {name} is {reprlib.repr(new)}: a section is needed here")
            yield from _merge(target[key], new, f"{name}.", origin)
        elif old != new or type(_plain(old)) is not type(_plain(new)):
            target[key] = new
            yield name, _plain(old), _plain(new)


def _plain(value: Any) -> Any:
    """Return a value of ruamel.yaml, which carries its formatting, as Python's own."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
