"""The README and docs/ against the repository: links lead somewhere, and what they name is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lpr.cli import main

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OURS = ("lpr", "stages", "tests", "docs", "recipes", "benchmarks", "notebooks", "web")
WRITTEN = "benchmarks/results/"
"""What benchmarks write, some of it on machines that nobody has tried yet."""
PAST = {"experiments.md"}
"""Pages that say what was done once, with the parameters of that time."""
FILE_ENDINGS = {"json", "md", "onnx", "py", "yml"}
"""`evaluate.json` is no parameter."""

pytestmark = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def spans(page: Path) -> Iterator[str]:
    """Yield what stands between backticks in a page's text."""
    yield from re.findall(r"`([^`\n]+)`", text(page))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text(page)):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def test_files_that_are_named_are_there(page: Path) -> None:
    named = [span for span in spans(page) if re.fullmatch(rf"(?:{'|'.join(OURS)})/[\w./*-]+", span)]
    assert [span for span in named if not span.startswith(WRITTEN) and not any(ROOT.glob(span.rstrip("/")))] == []


def test_modules_and_names_in_them_are_there(page: Path) -> None:
    for span in spans(page):
        if match := re.fullmatch(r"((?:lpr|stages|benchmarks)(?:\.[a-z_0-9]+)*)(?:\.([A-Z]\w+))?(?:\(.*\))?", span):
            parts, name = match[1].split("."), match[2]
            if not (module := find(parts)):
                *parts, name = parts  # a function
                module = find(parts)
            assert module, span
            assert name is None or re.search(rf"\b{name}\b", module.read_text(encoding="utf-8")), span


def find(parts: list[str]) -> Path | None:
    """Return the file of a module, None where there is none."""
    path = ROOT.joinpath(*parts)
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """Yield the words after a program's name, of each of its calls in a page."""
    blocks = [body for language, body in FENCE.findall(page.read_text(encoding="utf-8")) if language == "bash"]
    for line in [*spans(page), *(line for body in blocks for line in body.splitlines())]:
        for part in re.split(r"&&|;|\||>", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                continue
            while words and "=" in words[0]:
                del words[0]
            if words[:1] == [program]:
                yield [word.strip("[]") for word in words[1:]]


def test_commands_and_their_options_are_there(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in sorted({tuple(words) for words in commands(page, "lpr")}):
        with pytest.raises(SystemExit) as ending:
            main([*(word for word in words if not word.startswith("-")), "--help"])
        told = capsys.readouterr()
        assert ending.value.code in (0, None), f"lpr {' '.join(words)}: {told.err}"
        for option in (word.split("=")[0] for word in words if word.startswith("-")):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", told.out), f"lpr {' '.join(words)}"


def test_targets_of_make_are_there(page: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for words in commands(page, "make"):
        assert words[0] in targets, words


def test_parameters_are_there(page: Path) -> None:
    sections = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    named = re.compile(rf"(?<![\w./])({'|'.join(sections)})\.(\w+)\b(?!\.)")
    for section, key in [] if page.name in PAST else named.findall(page.read_text(encoding="utf-8")):
        if key not in FILE_ENDINGS:
            assert key in sections[section], f"{section}.{key}"
