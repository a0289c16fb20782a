"""Every test that docs/faults.md names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_line_is_backed_by_a_test() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    lines = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[-2] for line in lines if line.startswith("|")]
    tests = [row for row in rows if row.strip() not in ("test", "---")]
    assert len(tests) > 15
    for row in tests:
        named = re.findall(r"`(test_\w+|tests/[\w/]+\.py)`", row)
        assert named or row.strip() == "the same", row
        assert [name for name in named if f"def {name}(" not in code and not (ROOT / name).is_file()] == []
