"""Run in a clone: `dvc status --json` after each of several changes, in one process, since starting DVC takes seconds.

Reads a JSON list of changes from standard input, each a mapping from a file to its new text; writes the list of
statuses to standard output. Every change is undone before the next.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dvc.repo import Repo


def main() -> None:
    statuses = []
    for change in json.load(sys.stdin):
        paths = {Path(name): text for name, text in change.items()}
        before = {path: path.read_bytes() if path.exists() else None for path in paths}
        for path, text in paths.items():
            path.write_text(text, encoding="utf-8")
        with Repo() as repo:
            statuses.append(repo.status())
        for path, content in before.items():
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
    json.dump(statuses, sys.stdout)


if __name__ == "__main__":
    main()
