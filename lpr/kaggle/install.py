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

_NO_NETWORK = ("new connection", "name resolution", "Network is unreachable", "Max retries exceeded")
"""What pip says when it reaches no package index."""
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
    status = 0
    for kept in (pins, core):
        status, said = _install(wanted, kept)
        if status and any(sign in said for sign in _NO_NETWORK):
            print(
                "the package index cannot be reached: switch Internet on in the session's settings (Kaggle asks for a "
                "verified phone number once), elsewhere check the network, and run this again",
                file=sys.stderr,
            )
            return status
        if not status:
            return 0
    return status


def _install(wanted: list[str], pins: dict[str, str]) -> tuple[int, str]:
    """Run pip; return its status, and what it says of errors, which is passed on as well."""
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("".join(f"{name}=={pins[name]}\n" for name in sorted(pins)), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(constraints), *wanted]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        sys.stderr.write(done.stderr)
        return done.returncode, done.stderr


if __name__ == "__main__":
    sys.exit(main())
