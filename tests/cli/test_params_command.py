"""`lpr params`: recipes are merged into params.yaml, whose comments stay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.commands.params import merge
from lpr.records.params import load_params

PARAMS = Path(__file__).parents[2] / "params.yaml"


@pytest.fixture()
def params(tmp_path: Path) -> Path:
    return Path(shutil.copy(PARAMS, tmp_path / "params.yaml"))


def recipe(params: Path, text: str) -> Path:
    path = params.with_name("recipe.yaml")
    path.write_text(text)
    return path


def test_only_the_named_lines_change(params: Path) -> None:
    before = params.read_text().splitlines()
    text, changes = merge(params, recipe(params, "train:\n  batch_size: 7\nocr:\n  epochs: 99  # long\nseed: 11\n"))
    assert [change[0] for change in changes] == ["train.batch_size", "ocr.epochs", "seed"]
    assert changes[0][2] == 7 and changes[0][1] == load_params(PARAMS).train.batch_size
    differing = [(a, b) for a, b in zip(before, text.splitlines(), strict=True) if a != b]
    assert len(differing) == 3
    for old, new in differing:
        assert ("#" in old) == ("#" in new)
        assert old.partition("#")[2] == new.partition("#")[2]


def test_nothing_to_change_gives_the_same_bytes(params: Path) -> None:
    seed = load_params(PARAMS).seed
    assert merge(params, recipe(params, f"seed: {seed}\n")) == (params.read_text(), [])


def test_lists_are_replaced_whole(params: Path) -> None:
    source = "{name: plates, kind: path, path: ../plates, use: both}"
    text, changes = merge(params, recipe(params, f"fetch_data:\n  sources:\n    - {source}\n"))
    assert [change[0] for change in changes] == ["fetch_data.sources"]
    params.write_text(text)
    assert [given.name for given in load_params(params).fetch_data.sources] == ["plates"]
    assert f"    - {source}" in text.splitlines()
    assert text.count("#") == PARAMS.read_text().count("#")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train:\n  bath_size: 7\n", r"recipe\.yaml: train\.bath_size: unknown key"),
        ("nonsense: 1\n", "nonsense: unknown key"),
        ("train:\n  batch_size: 0\n", r"recipe\.yaml: train\.batch_size is 0"),
        ("train: 3\n", "train is 3: a section is needed"),
        ("train: [\n", "not readable as YAML"),
        ("- 1\n", "holds no sections"),
        ("", "holds no sections"),
    ],
)
def test_mistakes_are_named(params: Path, text: str, message: str) -> None:
    with pytest.raises(LprError, match=message):
        merge(params, recipe(params, text))


def test_the_command_writes_all_or_nothing(params: Path) -> None:
    from tests.cli.test_cli import lpr

    before = params.read_bytes()
    bad = recipe(params, "seed: 12\ntrain:\n  lr: -1\n")
    done = lpr("params", bad, "--file", params)
    assert done.returncode == 2 and "train.lr is -1" in done.stderr
    assert params.read_bytes() == before
    good = recipe(params, "seed: 12\n")
    done = lpr("params", good, "--file", params)
    assert done.returncode == 0 and done.stdout.endswith("-> 12\n")
    assert load_params(params).seed == 12
    assert "already" in lpr("params", good, "--file", params).stdout


@pytest.mark.parametrize(
    "text", ["seed: 2001-99-99", "seed: " + "[" * 5000, "seed: !!int x", "a: &a [*a]", "seed: " + "9" * 5000]
)
def test_a_recipe_that_nobody_should_merge_is_named_shortly(params: Path, text: str) -> None:
    before = params.read_text()
    with pytest.raises(LprError, match=r"recipe\.yaml") as caught:
        merge(params, recipe(params, text))
    assert len(str(caught.value)) < 500
    assert params.read_text() == before
