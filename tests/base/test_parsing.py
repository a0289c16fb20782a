"""JSON and YAML of anybody's: a value, or a ValueError; in time and memory that the text's size bounds."""

from __future__ import annotations

import pytest
import yaml

from lpr.base.parsing import parse_json, parse_yaml

MANY = "a: &a [" + ", ".join(["x"] * 9) + "]\n"
BOMB = MANY + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
MERGES = "k0: &m0 {a: 1}\n" + "".join(f"k{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}\n" for i in range(1, 40))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "unfolds to more"),
        (MERGES, "unfolds to more"),
        ("a: &a [*a]", "refers to what contains it"),
        ("a: *b", "refers to what contains it, or to nothing"),
        ("[" * 100_000, "nested more than"),
        ("a: " * 300, "not allowed here"),
        ("- " * 3000, "nested more than"),
        ("x: " + "9" * 5000, "5000 characters without quotes"),
        ("x: !!int '" + "9" * 5000 + "'", "5000 characters without quotes"),
        ("x: " + "9" * 900 + "\ny: 2001-99-99", "month must be in"),
        ("x: !!int x", "invalid literal"),
        ("x: !!timestamp x", "groupdict"),
        ("x: !!python/object/apply:os.mkdir [made]", "could not determine a constructor"),
        ("a: 1\n" * 60_000, "longer than"),
        ("a: \0", "special characters"),
    ],
)
def test_hostile_yaml_is_one_short_error(text: str, reason: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=reason) as caught:
        parse_yaml(text)
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_yaml_as_people_write_it_is_read_as_ever() -> None:
    text = "base: &base {a: 1, b: [x, 2.5, null]}\nmine: {<<: *base, c: 'é'}\nlist: [*base]\n"
    text += "long: '" + "word " * 1000 + "'\n"
    assert parse_yaml(text) == yaml.safe_load(text)
    assert parse_yaml("") is None


def test_json_that_is_too_deep_or_has_too_many_digits_is_a_value_error() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, "9" * 5000, b"\xff\xfe\x00", "{"):
        with pytest.raises(ValueError):
            parse_json(text)
    assert parse_json('{"a": [1]}') == {"a": [1]}
