"""What dvc.lock says: the stages that ran, and the MD5 of what they made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lpr.base.parsing import parse_yaml

LOCK = "dvc.lock"


def locked_stages(text: str) -> dict[str, Any]:
    """Return the stages of a dvc.lock's text by name. Raises ValueError where it is not readable as YAML."""
    return dict((parse_yaml(text) or {}).get("stages") or {})


def output_hashes(stages: Mapping[str, Any]) -> dict[str, str]:
    """Return the MD5 of each output of `locked_stages` by its path."""
    outs = (out for stage in stages.values() for out in stage.get("outs") or [])
    return {str(out["path"]): str(out.get("md5")) for out in outs}
