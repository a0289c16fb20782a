"""`lpr report-check`: the artifact of a run, all of which a stranger may have written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lpr.review import markdown
from lpr.review.document import Code, Graph, Paragraph, Section, Table

ROOT = Path(__file__).parents[2]
SHA = "0123456789abcdef0123456789abcdef01234567"
NASTY = ("`", "``", "a`b", "\\", "a\\", "|", "@you", "<b>", "\n### x", "\r", "&#64;you", "[a](b)", "*", "_a_", " ", "",
         "~~~", "https://b.example", "\u202e", "ab" * 500, "$x$", "<!--", "    x", "- x", "#1", "é", "車")  # fmt: skip
SECTIONS = [
    Section("Models: all 6 gates are met", [Paragraph(("Right:", "3 of 4 (95% interval 0.1 to 0.9)"), strong=True)]),
    Section("Metrics", [Table(("metric", " base"), [(Code(text), "▲ +0.1 better") for text in NASTY])]),
    Section("More", [Paragraph((Code(text), text)) for text in NASTY], folded=True),
    Section("Pipeline", [Graph({"a-b": [], "c": ["a-b"]}, frozenset({"c"}))], folded=True),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "html").mkdir()
    (tmp_path / "html/index.html").write_text("<!doctype html>")
    (tmp_path / "report.md").write_text(markdown.render(SECTIONS), encoding="utf-8")
    (tmp_path / "pr.json").write_text(json.dumps({"number": 7, "sha": SHA}))
    return tmp_path


def test_what_is_written_is_accepted(folder: Path, lpr) -> None:
    assert markdown.faults((folder / "report.md").read_text(encoding="utf-8")) == []
    assert lpr("report-check", folder, "--run-sha", SHA) == (0, "nothing but a report\n", "")


def test_code_from_elsewhere() -> None:
    assert markdown.code("a`b|c\\d@e\n") == "`aˋb¦c＼d＠e�`"
    assert markdown.code("") == markdown.code("  ") == "–"
    assert markdown.code("x" * 121) == f"`{'x' * 119}…`"


def test_a_report_that_would_be_too_long_says_what_it_leaves_out() -> None:
    long = Section("Long", [Paragraph(("x" * 1000,)) for _ in range(70)])
    text = markdown.render([SECTIONS[0], long, SECTIONS[3]])
    assert len(text) < markdown.LONGEST and "### Long" not in text and "<summary>Pipeline<" in text
    assert text.endswith("Too long to be shown here: Long.\n")
    assert markdown.faults(text) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Thanks @maintainer", "a mention"),
        ("`@maintainer`", "a mention"),
        ("<script>alert(1)</script>", "HTML"),
        ("<img src=x onerror=y>", "HTML"),
        ("| `a | <img src=x>` |", "a bar"),
        ("[click](https://b.example)", "a link"),
        ("![](x.png)", "a link"),
        ("see https://b.example", "an address"),
        ("see www.b.example", "an address"),
        ("&#64;maintainer", "an entity"),
        ("a `code without an end", "code that does not end"),
        ("\\`<b>\\`", "code that does not end"),
        ("``<b>` <b>``", "code that does not end"),
        ("    indented", "indented"),
        ("`a\u202eb`", "hidden"),
        ("a\u200bb", "outside of code"),
        ("a\rb", "outside of code"),
        ("~~~", "outside of code"),
        ("#12 fixed", "outside of code"),
        ("```mermaid\n  click a href\n```", "a stages' graph"),
        ("```mermaid\nflowchart LR", "a graph without an end"),
        ("```html\n<b>\n```", "code that does not end"),
        ("<details><summary>More</summary>\n`<b>`\n</details>", "no blank lines"),
        ("<details><summary><b></summary>", "HTML"),
        ("x" * 60_001, "characters, more than 60000"),
    ],
)
def test_what_no_report_holds_is_refused(folder: Path, lpr, line: str, fault: str) -> None:
    with (folder / "report.md").open("a", encoding="utf-8", newline="") as file:
        file.write(f"\n\n{line}\n")
    status, said, _ = lpr("report-check", folder, "--run-sha", SHA)
    assert status == 1
    assert said.startswith("FAIL  report.md: ") and fault in said and said.endswith("the report was refused\n")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"number": 7, "sha": "f" * 40}, "about commit ffffffffffff, and the run that left it was of 0123456789ab"),
        ({"number": 7, "sha": "main"}, "sha should be"),
        ({"number": "7; rm", "sha": SHA}, "number should be"),
        ({"number": True, "sha": SHA}, "number should be"),
        ({"number": 0, "sha": SHA}, "number should be"),
        ({"number": 7}, "should be {"),
        ({"number": 7, "sha": SHA, "body": "x"}, "should be {"),
        ([], "should be {"),
        ("{", "should be {"),
        ("[" * 900, "should be {"),
        ("x" * 1001, "1001 bytes, more than 1000"),
        (None, "missing"),
    ],
)
def test_a_pull_request_that_is_none_is_refused(folder: Path, lpr, content: object, fault: str) -> None:
    file = folder / "pr.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    status, said, _ = lpr("report-check", folder, "--run-sha", SHA)
    assert status == 1 and said.startswith("FAIL  pr.json: ") and fault in said


def test_other_files_are_refused(folder: Path, lpr) -> None:
    check = ("report-check", folder, "--run-sha", SHA)
    (folder / "html/run.sh").write_text("echo")
    assert lpr(*check)[:2] == (1, "FAIL  'html/run.sh': no report holds such a file\nthe report was refused\n")
    (folder / "html/run.sh").unlink()
    (folder / "report.md").unlink()
    (folder / "report.md").symlink_to("/etc/hostname")
    assert "report.md: not a plain file" in lpr(*check)[1]
    (folder / "report.md").unlink()
    (folder / "report.md").mkdir()
    assert "report.md: not a plain file" in lpr(*check)[1]
    (folder / "report.md").rmdir()
    assert "report.md: missing" in lpr(*check)[1]
    (folder / "report.md").write_bytes(b"\xff")
    assert "report.md: not UTF-8" in lpr(*check)[1]
    (folder / "report.md").write_bytes(b" \n")
    assert "report.md: empty" in lpr(*check)[1]


def test_mistakes(folder: Path, lpr) -> None:
    assert lpr("report-check", folder / "none", "--run-sha", SHA)[0] == 2
    assert lpr("report-check", folder, "--run-sha", "main")[0] == 2


def test_it_needs_the_standard_library_alone(folder: Path) -> None:
    # The job that checks strangers' reports installs nothing.
    done = subprocess.run(
        [sys.executable, "-S", "-m", "lpr", "report-check", str(folder), "--run-sha", SHA],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "nothing but a report\n"), done.stderr
