"""Mutators: of bytes, whatever they mean, and of trees of mappings and lists."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from tests.fuzz import hostile
from tests.fuzz.hostile import Raw

Random = random.Random
_INTEGERS = (0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, 1 << 63)
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


def damage(data: bytes, rng: Random, most: int = 3) -> bytes:
    """Return the bytes after one to `most` mutations."""
    for _ in range(rng.randint(1, most)):
        data = rng.choice(_BYTES)(data, rng)
    return data


def _flip(data: bytes, rng: Random) -> bytes:
    buffer = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 4, 32))):
        buffer[rng.randrange(len(buffer))] ^= 1 << rng.randrange(8)
    return bytes(buffer)


def _overwrite(data: bytes, rng: Random) -> bytes:
    at, length = _place(data, rng)
    run = rng.choice((b"\0" * length, b"\xff" * length, rng.randbytes(length)))
    return data[:at] + run + data[at + length :]


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _remove(data: bytes, rng: Random) -> bytes:
    at, length = _place(data, rng)
    return data[:at] + data[at + length :]


def _splice(data: bytes, rng: Random) -> bytes:
    at, length = _place(data, rng)
    to = rng.randrange(len(data) + 1)
    return data[:to] + data[at : at + length] + data[to:]


def _repeat(data: bytes, rng: Random) -> bytes:
    at, length = _place(data, rng)
    return data[:at] + data[at : at + length] * rng.choice((2, 3, 20, 500)) + data[at + length :]


def _integer(data: bytes, rng: Random) -> bytes:
    """Set a whole number of 1, 2, 4 or 8 bytes to an extreme; the head of a file holds its lengths and dimensions."""
    size = rng.choice((1, 2, 4, 8))
    at = rng.randrange(max(min(len(data), rng.choice((64, 1024, 1 << 30))), 1))
    number = rng.choice(_INTEGERS) & ((1 << 8 * size) - 1)
    return data[:at] + number.to_bytes(size, rng.choice(("little", "big"))) + data[at + size :]


def _digits(data: bytes, rng: Random) -> bytes:
    """Replace a number that is written in digits."""
    found = list(_NUMBER.finditer(data[: 1 << 16]))
    if not found:
        return _flip(data, rng)
    place = rng.choice(found)
    return data[: place.start()] + rng.choice(hostile.NUMBERS).text.encode() + data[place.end() :]


def _words(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(hostile.TEXTS).encode("utf-8", "surrogatepass") + data[at:]


_BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _flip, _overwrite, _cut, _remove, _splice, _repeat, _integer, _integer, _digits, _words,
)  # fmt: skip


def _place(data: bytes, rng: Random) -> tuple[int, int]:
    at = rng.randrange(len(data) + 1)
    return at, min(rng.choice((1, 2, 4, 16, 100, 1000)), len(data) - at)


def tree(value: Any, rng: Random, most: int = 2) -> Any:
    """Return a copy of a document's value after one to `most` mutations."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.randint(1, most)):
        holder = {"": value}
        _change(holder, rng)
        value = holder[""]
    return value


def _change(holder: dict[str, Any], rng: Random) -> None:
    parent, key = rng.choice(found := places(holder))
    kind = rng.randrange(10)
    if kind < 6:
        parent[key] = hostile.value(rng)
    elif kind == 6 and parent is not holder:
        del parent[key]
    elif kind == 7 and isinstance(parent, dict) and parent is not holder:
        parent[rng.choice(hostile.TEXTS)] = parent.pop(key)
    elif kind == 8 and isinstance(parent[key], list) and parent[key]:
        parent[key] = parent[key] * rng.choice((2, 50, 2000))
    else:
        other, place = rng.choice(found)
        parent[key] = json.loads(json.dumps(other[place], default=lambda raw: raw.text))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every mapping or list with each of its keys."""
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        parent = pending.pop()
        for key in list(parent) if isinstance(parent, dict) else range(len(parent)):
            found.append((parent, key))
            if isinstance(parent[key], dict | list):
                pending.append(parent[key])
    return found


def to_json(value: Any, rng: Random) -> bytes:
    """Return a mutated document as JSON, with `Raw` values as they are; sometimes with a key twice."""
    text = _with_raw(
        value, lambda plain: json.dumps(plain, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 1)))
    )
    if rng.random() < 0.1 and isinstance(value, dict) and value and text.startswith("{"):
        key = json.dumps(rng.choice(list(value)))
        text = "{" + f"{key}: {_with_raw(hostile.value(rng), json.dumps)}, " + text[1:]
    return text.encode("utf-8", "surrogatepass")


def to_yaml(value: Any, rng: Random) -> bytes:
    """Return a mutated document as YAML, with `Raw` values as they are."""
    import yaml

    style = rng.choice((None, True, False))
    text = _with_raw(
        value, lambda plain: yaml.safe_dump(plain, default_flow_style=style, allow_unicode=True, width=1 << 30)
    )
    return text.encode("utf-8", "surrogatepass")


def _with_raw(value: Any, dump: Callable[[Any], str]) -> str:
    raws: list[str] = []

    def plain(part: Any) -> Any:
        if isinstance(part, Raw):
            raws.append(part.text)
            return f"@raw{len(raws) - 1}@"
        if isinstance(part, dict):
            return {key: plain(inner) for key, inner in part.items()}
        return [plain(inner) for inner in part] if isinstance(part, list) else part

    text = dump(plain(value))
    return re.sub(r"""["']?@raw(\d+)@["']?""", lambda match: raws[int(match[1])], text)
