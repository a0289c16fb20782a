"""Rendered photos with names of every kind, and the command that takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from lpr import cli
from lpr.synthetic.renderer import Renderer


def render(folder: Path, names: Sequence[str]) -> None:
    """Write rendered photos, each with one plate, into a folder."""
    renderer = Renderer("legible", 15)
    scenes = (scene for scene in map(renderer.scene, range(100)) if len(scene.plates) == 1)
    for name, scene in zip(names, scenes, strict=False):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(scene.image).save(folder / name, quality=95)


def lpr(*arguments: object) -> int:
    """Run the command in this process and return its status."""
    with pytest.raises(SystemExit) as ended:
        cli.main([*map(str, arguments)])
    return int(ended.value.code or 0)
