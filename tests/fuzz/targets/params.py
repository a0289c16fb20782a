"""params.yaml and recipes: `load_params`, and `lpr params` with a recipe of another hand."""

from __future__ import annotations

import random
from pathlib import Path

import yaml

from lpr.commands.params import merge
from lpr.fetching.sources import open_sources
from lpr.records.params import Params, load_params
from tests.fuzz import hostile
from tests.fuzz.documents import spoil_yaml
from tests.fuzz.mutate import to_yaml
from tests.fuzz.runner import ROOT
from tests.fuzz.target import Made, expect


class Target:
    """The committed params.yaml, its tree, text and tags changed; parts of it as recipes."""

    memory = 300

    def __init__(self, seeds: Path) -> None:
        self._text = (ROOT / "params.yaml").read_text(encoding="utf-8")
        self._value = yaml.safe_load(self._text)
        self._value["fetch_data"]["sources"] = [
            {"name": "mine", "kind": "path", "path": "${HOME}/plates", "use": "both", "licence": "MIT", "limit": 5},
            {"name": "bought", "kind": "kaggle", "dataset": "a/b/1", "use": "detection", "format": "voc"},
        ]

    def make(self, rng: random.Random, folder: Path) -> Made:
        self._recipe = rng.random() < 0.3
        value = self._value
        if self._recipe:
            (folder / "params.yaml").write_text(self._text, encoding="utf-8")
            value = {name: value[name] for name in rng.sample(sorted(value), 3)}
        elif rng.random() < 0.4:
            # One section in good order but for a source's path, which is looked for.
            value = {**value, "fetch_data": {**value["fetch_data"], "sources": value["fetch_data"]["sources"][:1]}}
        if rng.random() < 0.15:
            # A text of anybody's where any text may stand: such a file is in order.
            value = {**self._value, "publish": {**self._value["publish"], "note": rng.choice(hostile.TEXTS)}}
            value["fetch_data"] = {**value["fetch_data"], "sources": value["fetch_data"]["sources"][1:]}
            data, note, self._recipe = to_yaml(value, rng), "a hostile note", False
        else:
            data, note = spoil_yaml(value, rng)
        (folder / ("recipe.yaml" if self._recipe else "params.yaml")).write_bytes(data)
        return Made(f"{'a recipe, ' if self._recipe else ''}{note}")

    def run(self, folder: Path) -> str:
        if self._recipe:
            text, changes = merge(folder / "params.yaml", folder / "recipe.yaml")
            (folder / "params.yaml").write_text(text, encoding="utf-8")
            expect(len(str(changes)) < 100_000, f"changes of {len(str(changes))} characters")
        params = load_params(folder / "params.yaml")
        expect(isinstance(params, Params) and params.train.batch_size >= 1, "parameters that are none")
        open_sources([source for source in params.fetch_data.sources if source.kind == "path"], params.seed)
        return "read"
