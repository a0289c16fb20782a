"""Every line of docs/faults.md names a test that is there, runs by default or as `long`, and can fail."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEAST_LINES = 15


def functions() -> dict[str, ast.FunctionDef]:
    """Return every test of the suite by its name."""
    return {
        node.name: node
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def can_fail(test: ast.FunctionDef) -> bool:
    """Return whether a test holds an assertion, or expects an error, and is not skipped whatever happens."""
    skipped = any(ast.unparse(mark) == "pytest.mark.skip" for mark in test.decorator_list)
    checks = any(isinstance(node, ast.Assert) or "pytest.raises" in ast.unparse(node) for node in ast.walk(test))
    return checks and not skipped


def test_every_line_is_backed_by_a_test() -> None:
    tests = functions()
    lines = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[-2].strip() for line in lines if line.startswith("|")]
    backed = [cell for cell in cells if cell not in ("test", "---", "the same")]
    assert len(backed) > LEAST_LINES
    for cell in backed:
        named = re.findall(r"`(test_\w+|tests/[\w/]+\.py)`", cell)
        assert named, cell
        for name in named:
            if name.endswith(".py"):
                file = ast.parse((ROOT / name).read_text(encoding="utf-8"))
                inside = [node.name for node in ast.walk(file) if isinstance(node, ast.FunctionDef)]
                assert any(can_fail(tests[test]) for test in inside if test.startswith("test_")), name
            else:
                assert can_fail(tests[name]), name
