"""Rendered photos, and one service that most tests share."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import pytest
from PIL import Image

pytest.importorskip("starlette", reason="the service's packages are missing: pip install -r requirements.txt")

from lpr.synthetic.renderer import Renderer
from tests.serve.running import Command, command


@pytest.fixture(scope="session")
def photos() -> list[bytes]:
    """Six rendered photos with plates, as JPEG."""
    renderer = Renderer("legible", 7)
    scenes = (renderer.scene(index) for index in itertools.count())
    found = itertools.islice((scene.image for scene in scenes if scene.plates), 6)
    encoded = []
    for pixels in found:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=92)
        encoded.append(stream.getvalue())
    return encoded


@pytest.fixture(scope="session")
def service() -> Iterator[Command]:
    """`lpr serve` with small limits, whose files may not grow any more once it runs."""
    import resource

    with command("--max-megabytes", "2", "--max-megapixels", "1", "--max-photos", "8") as running:
        # Writing into any file fails from here on: a photo that were kept would be an error.
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        yield running
