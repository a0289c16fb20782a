"""Whole records as the pipeline writes them, for tests to write and to change."""

from __future__ import annotations

from typing import Any

SOURCE = {"name": "rendered", "kind": "synthetic", "use": "both", "licence": "MIT"}
MANIFEST: dict[str, Any] = {"format": 1, "fingerprint": "0123456789abcdef" * 4, "splits": {}, "sources": [SOURCE]}
_METADATA: dict[str, Any] = {
    "format": 1,
    "training_date": "2026-01-31T12:00:00+00:00",
    "pytorch_version": "2.6.0+cpu",
    "versions": {"python": "3.11.7"},
    "device": "cpu",
    "git_commit": "0123456789abcdef0123456789abcdef01234567",
    "git_dirty": False,
    "code": "0123456789abcdef",
    "data": {"fingerprint": MANIFEST["fingerprint"], "sources": [SOURCE]},
    "parameters": {"seed": 1},
    "training": {"detector": {"epoch": 3}, "ocr": {"epoch": 4}},
    "metrics": {"detector": {"ap50": 0.9}, "ocr": {"plate_accuracy": 0.5}},
    "models": {"detector": {}, "ocr": {}},
    "alphabet": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "files": {},
}


def training_metadata(**changes: Any) -> dict[str, Any]:
    """Return the content of a training_metadata.json with some fields changed."""
    return {**_METADATA, **changes}
