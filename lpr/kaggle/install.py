"""Install what `requirements.txt` names and this machine lacks, and touch nothing that is there.

Runs before anything is installed, so it uses the standard library and pip alone: `python -m lpr.kaggle.install`.
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

_CORE = ("torch", "nvidia", "triton", "cuda", "numpy", "protobuf", "setuptools")


def missing(lines: Iterable[str]) -> list[str]:
    """The requirements among the lines of a requirements file that are not installed, or in an unfit version."""
    try:
        requirements = importlib.import_module("packaging.requirements")
    except ImportError:
        requirements = importlib.import_module("pip._vendor.packaging.requirements")
    wanted = []
    for line in lines:
        text = line.split(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        requirement = requirements.Requirement(text)
        try:
            fits = requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
        except metadata.PackageNotFoundError:
            fits = False
        if not fits:
            wanted.append(text)
    return wanted


def main(requirements: Path = Path("requirements.txt")) -> int:
    """Install what is missing and keep what is installed. Returns pip's exit status."""
    wanted = missing(requirements.read_text(encoding="utf-8").splitlines())
    if not wanted:
        print("nothing to install")
        return 0
    unfit = {re.split(r"[^\w.-]", text)[0].lower() for text in wanted}
    installed = {dist.metadata["Name"]: dist.version for dist in metadata.distributions() if dist.metadata["Name"]}
    pins = {name: version for name, version in installed.items() if name.lower() not in unfit}
    print(f"installing {', '.join(wanted)}", flush=True)
    # An image's packages fit each other and its GPU driver: a better torch that does not is worse than none. If what
    # is missing cannot live with all of them, those that no pipeline may move stay pinned.
    core = {name: version for name, version in pins.items() if name.lower().startswith(_CORE)}
    return _install(wanted, pins) and _install(wanted, core)


def _install(wanted: list[str], pins: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("".join(f"{name}=={pins[name]}\n" for name in sorted(pins)), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(constraints), *wanted]
        return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
