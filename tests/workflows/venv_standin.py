"""In the place of what `make install` makes: a .venv whose programs are those of this Python."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path


def finished_venv(root: Path, narrow: str = "tests/plate/test_plate_text_and_boxes.py") -> None:
    """Write the .venv of a clone, installed so newly that `make install` has nothing to do.

    Args:
        root: the clone; `python` and `lpr` there are its own code.
        narrow: what `pytest` runs when no test file is named, in place of the whole suite. `mypy` does nothing.
    """
    folder = root / ".venv" / "bin"
    python = f'export PYTHONPATH="{root}"\nexec "{sys.executable}"'
    programs = {
        "python": f'{python} "$@"',
        "lpr": f'{python} -m lpr "$@"',
        "dvc": f'{python} -m dvc "$@"',
        "ruff": f'{python} -m ruff "$@"',
        "coverage": f'{python} -m coverage "$@"',
        "mypy": "echo mypy is not run here",
        "pytest": f'case "$*" in *tests/*) ;; *) set -- {narrow} "$@" ;; esac\n{python} -m pytest -n 0 "$@"',
    }
    for name in ("zizmor", "check-jsonschema"):
        programs[name] = f'exec "{Path(sys.executable).parent / name}" "$@"'
    for name, text in programs.items():
        write_program(folder / name, text)
    stamp = folder.parent / ".installed"
    stamp.touch()
    os.utime(stamp, (stamp.stat().st_mtime + 3600,) * 2)


def write_program(path: Path, text: str) -> None:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
