"""A release for each version of the models that holds its gates, with the deployable bundle attached."""

from __future__ import annotations

from pathlib import Path

from lpr.base.errors import LprError
from lpr.deployment.bundle import Bundle, read_bundle
from lpr.github.gh import gh, gh_json
from lpr.records.gates_file import failed
from lpr.records.gates_table import format_gates


def keep_release(folder: Path) -> str:
    """Attach what `lpr models bundle` wrote to the release of its version, made unless it is there; say what was done.

    Raises:
        LprError: a gate of the bundle is not met, or `gh` fails.
    """
    bundle = read_bundle(folder)
    if missed := failed(bundle.gates):
        raise LprError(f"{folder}: not released, {', '.join(gate.name for gate in missed)} not met")
    tag, archive = f"models-{bundle.version}", bundle.archive
    known = gh_json("release", "list", "--limit", "1000", "--json", "tagName")
    if all(release["tagName"] != tag for release in known):
        gh(
            *("release", "create", tag, str(archive), "--title", f"Models {bundle.version}", "--notes-file", "-"),
            text=_notes(bundle),
        )
        return f"released {tag} with {archive.name}"
    assets = gh_json("release", "view", tag, "--json", "assets")["assets"]
    if any(asset["name"] == archive.name and asset["size"] == archive.stat().st_size for asset in assets):
        return f"{tag} has {archive.name} already; nothing was changed"
    gh("release", "upload", tag, str(archive), "--clobber")
    return f"attached {archive.name} to {tag}"


def _notes(bundle: Bundle) -> str:
    return (
        f"{bundle.message}\n\n```\n{format_gates(bundle.gates)}\n```\n\n"
        f"SHA-256 of `{bundle.archive.name}`: `{bundle.sha256}`. Unpack it, and `lpr read photo.jpg --models FOLDER`.\n"
    )
