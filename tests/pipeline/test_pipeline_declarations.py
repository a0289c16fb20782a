"""What dvc.yaml declares against what is there: parameters, code, ignored outputs. DVC does not run here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from dvc_clone import ROOT, Clone

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
UNDECLARED = (
    "lpr/__init__.py", "lpr/base", "lpr/records/params.py", "lpr/records/record.py", "stages/__init__.py", "lpr/kaggle",
)  # fmt: skip
"""Code that changes no result of the stages that use it without naming it: naming it would train both models anew at
each of its changes. `lpr/kaggle` brings and takes what has versions of its own."""


def paths(entries: list) -> set[str]:
    return {entry if isinstance(entry, str) else next(iter(entry)) for entry in entries}


def outs(stage: dict) -> set[str]:
    return {path for key in ("outs", "metrics", "plots") for path in paths(stage.get(key, []))}


def covers(declared: str, name: str) -> bool:
    """Return whether `name` is `declared` or lies within it: a file in a folder, a key in a section."""
    return name == declared or name.startswith((f"{declared}/", f"{declared}."))


def leaves(value: dict, prefix: str = "") -> set[str]:
    """Return the dotted keys of everything in a mapping that is no mapping itself."""
    found = set()
    for key, inner in value.items():
        found |= leaves(inner, f"{prefix}{key}.") if isinstance(inner, dict) else {f"{prefix}{key}"}
    return found


def module_file(name: str) -> str | None:
    """Return the file of one of our modules, None for anybody else's."""
    base = Path(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if base.parts[0] in ("lpr", "stages") and (ROOT / candidate).is_file():
            return candidate.as_posix()
    return None


def imports(path: str) -> set[str]:
    """Return the files of ours that a file imports at any place in it, and the packages that they lie in."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    packages = {".".join(name.split(".")[:length]) for name in names for length in range(1, name.count(".") + 2)}
    return {file for file in map(module_file, packages) if file}


def closure(path: str) -> set[str]:
    seen, waiting = set(), {path}
    while waiting:
        seen |= waiting
        # The package's own file offers the recogniser to applications, lazily: no stage imports it that way.
        waiting = {found for file in waiting - {"lpr/__init__.py"} for found in imports(file)} - seen
    return seen


def is_docstring_alone(path: str) -> bool:
    return len(ast.parse((ROOT / path).read_text(encoding="utf-8")).body) <= 1


def test_each_key_of_params_is_declared_by_a_stage_and_each_declared_key_exists():
    keys = leaves(PARAMS)
    declared = {key for stage in STAGES.values() for key in stage.get("params", [])}
    assert {key for key in declared if not any(covers(key, leaf) for leaf in keys)} == set()
    assert {leaf for leaf in keys if not any(covers(key, leaf) for key in declared)} == set()


def test_each_section_is_declared_by_the_stages_it_steers():
    users = {key: {name for name, stage in STAGES.items() if key in stage["params"]} for key in PARAMS}
    # export records what shaped the models, so it follows every section that did.
    assert users == {
        "seed": {"fetch_data", "train_detector", "train_ocr", "export"},
        "fetch_data": {"fetch_data", "export"},
        "train": {"train_detector", "train_ocr", "export"},
        "detector": {"train_detector", "export"},
        "ocr": {"train_ocr", "export"},
        "export": {"export"},
        "evaluate": {"evaluate"},
        "gates": {"evaluate"},
        "publish": {"publish"},
    }


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_all_the_code_it_imports(name: str):
    known = paths(STAGES[name]["deps"]).union(UNDECLARED)
    used = {file for file in closure(f"stages/{name}.py") if not is_docstring_alone(file)}
    assert {file for file in used if not any(covers(path, file) for path in known)} == set()


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_no_code_it_does_not_import(name: str):
    used = closure(f"stages/{name}.py")
    code = {dep for dep in paths(STAGES[name]["deps"]) if dep.startswith(("lpr/", "stages/"))}
    assert {dep for dep in code if not any(covers(dep, file) for file in used)} == set()


def test_every_dependency_is_in_the_repository_or_made_by_a_stage():
    made = {out for stage in STAGES.values() for out in outs(stage)}
    for name, stage in STAGES.items():
        for dep in paths(stage["deps"]):
            assert (ROOT / dep).exists() or any(covers(out, dep) for out in made), f"{name}: {dep}"


def test_outputs_in_the_cache_are_ignored_by_git_and_the_others_are_not(source: Clone):
    cached = {
        entry if isinstance(entry, str) else next(iter(entry))
        for stage in STAGES.values()
        for key in ("outs", "metrics", "plots")
        for entry in stage.get(key, [])
        if isinstance(entry, str) or next(iter(entry.values())).get("cache", True)
    }
    every = sorted({out for stage in STAGES.values() for out in outs(stage)})
    assert set(source.git("check-ignore", "--no-index", *every).split()) == cached
