"""The script that `lpr kaggle run` pushes: clone the repository, install what is missing, hand over to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SETTINGS: dict[str, Any] = {}  # filled in when the script is pushed


def main() -> int:
    """Run the session; what it leaves is in KAGGLE_OUTPUT_PATH, by default /kaggle/working."""
    started = time.time()
    # Beside the working folder, whose 20 GB are for what is kept.
    clone = Path(tempfile.mkdtemp(prefix="lpr-")) / "repository"
    address = SETTINGS["repository"] or bundle()
    if subprocess.call(["git", "clone", "--quiet", address, str(clone)]):
        sys.exit(
            f"{address} could not be cloned, for the reason above; if the session has no Internet, switch it on in the "
            "kernel's settings (Kaggle asks for a verified phone number once), and push it again"
        )
    if subprocess.call(["git", "checkout", "--quiet", "--detach", SETTINGS["commit"]], cwd=clone):
        sys.exit(f"{address} does not hold the commit {SETTINGS['commit']}; push the session again")
    status = subprocess.call([sys.executable, "-m", "lpr.kaggle.install"], cwd=clone)
    if status:
        return status
    settings = json.dumps({**SETTINGS, "started": started})
    output = os.environ.get("KAGGLE_OUTPUT_PATH") or "/kaggle/working"
    # In its own process: it shall see what has just been installed.
    return subprocess.call([sys.executable, "-m", "lpr.kaggle.session", "--settings", settings, output], cwd=clone)


def bundle() -> str:
    """The repository that `lpr kaggle run --bundle` sent, in the attached dataset."""
    owner, slug = SETTINGS["code"]
    root = Path(os.environ.get("KAGGLE_INPUT_ROOT") or "/kaggle/input")
    for folder in (root / "datasets" / owner / slug, root / slug):
        if (folder / "repository.bundle").is_file():
            return str(folder / "repository.bundle")
    sys.exit(f"{root}: the dataset {owner}/{slug} is not attached; push the session again")


if __name__ == "__main__":
    sys.exit(main())
