"""Rendered photos with names of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from lpr.synthetic.renderer import Renderer


def render(folder: Path, names: Sequence[str]) -> None:
    """Write rendered photos, each with one plate, into a folder."""
    renderer = Renderer("legible", 15)
    scenes = (scene for scene in map(renderer.scene, range(100)) if len(scene.plates) == 1)
    for name, scene in zip(names, scenes, strict=False):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(scene.image).save(folder / name, quality=95)
