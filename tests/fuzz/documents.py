"""Spoiling YAML and XML: their trees, their bytes, and what only they have: tags, aliases, entities."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from typing import Any

from tests.fuzz import hostile, mutate
from tests.fuzz.hostile import OUTSIDE, Raw


def _aliases(levels: int, width: int) -> str:
    """Return lists of lists of aliases: `width ** levels` elements for who follows them all."""
    parts = [f"&b0 [{', '.join(['lol'] * width)}]"]
    parts += [f"&b{at} [{', '.join([f'*b{at - 1}'] * width)}]" for at in range(1, levels)]
    return f"[{', '.join(parts)}]"


def _merges(levels: int) -> str:
    """Return mappings that merge others twice each: `2 ** levels` pairs for a reader that copies them."""
    parts = ["k0: &m0 {a: 1, b: 2}"]
    parts += [f"k{at}: &m{at} {{<<: [*m{at - 1}, *m{at - 1}]}}" for at in range(1, levels)]
    return f"{{{', '.join(parts)}}}"


_YAML = (
    f"!!python/object/apply:os.mkdir [{OUTSIDE}/executed]", f"!!python/object/new:os.system [touch {OUTSIDE}/executed]",
    "!!python/name:os.system", "!!python/module:os", "!!binary aGk=", "!!binary ?", "!!set {a, b}", "!!timestamp x",
    "!x y",
    "!!int x", "!!float x", "!!omap [a: 1]", "2001-99-99", "0o9", "1:60:99", "0b" + "1" * 9000, "&r [*r]", "&r {a: *r}",
    "{[1]: 2}", "{? {a: 1} : 2}", "*unknown", _aliases(9, 9), _aliases(30, 2), _aliases(200, 10), _merges(8),
    _merges(40),
)  # fmt: skip


def spoil_yaml(value: Any, rng: random.Random) -> tuple[bytes, str]:
    """Return a document as YAML after mutations, and what was done."""
    kind = rng.randrange(10)
    if kind < 3:
        holder, key = rng.choice(_leaves(value := mutate.tree(value, rng, 1)))
        text = rng.choice(_YAML)
        holder[key] = Raw(text)
        return mutate.to_yaml(value, rng), f"YAML with {text[:60]}"
    if kind == 3:
        text = rng.choice(_YAML)
        data = mutate.to_yaml(value, rng)
        return rng.choice(
            (b"x: " + text.encode() + b"\n" + data, text.encode(), data + b"\ny: " + text.encode())
        ), f"YAML beside {text[:60]}"
    if kind < 8:
        return mutate.to_yaml(mutate.tree(value, rng), rng), "YAML with its tree changed"
    if kind == 8:
        return rng.choice(
            (b"- " * 20_000, b"a: " * 300, b"{" * 20_000, b"[" * 900 + b"]" * 900, b"? " * 3000)
        ), "deep YAML"
    return mutate.damage(mutate.to_yaml(value, rng), rng), "YAML with its bytes changed"


def _leaves(value: Any) -> list[tuple[Any, Any]]:
    holder = {"": value}
    places = mutate.places(holder)
    return [place for place in places if place[0] is not holder] or places


def _entities(levels: int) -> str:
    lines = ['<!ENTITY e0 "lol">', *(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, levels))]
    return f"<!DOCTYPE annotation [{''.join(lines)}]>"


_DOCTYPES = (
    (_entities(10), "&e9;"), (f'<!DOCTYPE annotation [<!ENTITY x SYSTEM "{OUTSIDE}/canary.bin">]>', "&x;"),
    ('<!DOCTYPE annotation SYSTEM "file:///etc/passwd">', ""),
    ('<!DOCTYPE annotation [<!ENTITY x SYSTEM "/dev/zero">]>', "&x;"),
    ('<!DOCTYPE annotation [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>', ""),
    ("<?xml version='1.0' encoding='utf-7'?>", ""),
    ("<?xml version='1.0' encoding='x'?>", ""), ("<?xml version='1.0' encoding='utf-16'?>", ""), ("", "&unknown;"),
)  # fmt: skip


def spoil_xml(root: ET.Element, rng: random.Random) -> tuple[bytes, str]:
    """Return a document as XML after mutations, and what was done."""
    kind = rng.randrange(10)
    if kind == 0:
        head, use = rng.choice(_DOCTYPES)
        body = ET.tostring(root, "unicode").replace("plate", use or "plate", 1)
        return (head + body).encode(), f"XML with {head[:60]}{use}"
    if kind == 1:
        depth = rng.choice((100, 5000, 70_000))
        return b"<annotation>" + b"<object>" * depth + b"</object>" * depth + b"</annotation>", f"XML {depth} deep"
    if kind == 2:
        return mutate.damage(ET.tostring(root), rng), "XML with its bytes changed"
    for _ in range(rng.choice((0, 1, 1, 2))):
        element = rng.choice(list(root.iter()))
        word = rng.choice((*hostile.TEXTS, *(raw.text for raw in hostile.NUMBERS)))
        change = rng.randrange(6)
        if change < 2 and element.attrib:
            element.set(rng.choice(list(element.attrib)), word)
        elif change < 4:
            element.text = word
        elif change == 4:
            element.tag = rng.choice(("object", "name", "bndbox", "filename", "image", "box", "polygon", "x"))
        else:
            element.extend(list(element) * rng.choice((1, 300)))
    return ET.tostring(root, "unicode").encode("utf-8", "surrogatepass"), "XML with its tree changed"
