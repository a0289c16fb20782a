"""`lpr read --ray` on a real Ray of this machine, one of whose workers is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from lpr import cli
from lpr.base.errors import LprError
from lpr.batch.cluster import LOCAL, read_with_ray
from lpr.batch.read_photos import ReadPhotos
from lpr.inference.recognizer import LicensePlateRecognizer

PHOTOS = 64


def draw(path: Path, text: str) -> None:
    photo = Image.new("RGB", (480, 320), (90, 100, 110))
    canvas = ImageDraw.Draw(photo)
    canvas.rectangle((150, 140, 330, 184), fill="white", outline="black", width=2)
    canvas.text((162, 142), text, fill="black", font=ImageFont.load_default(36))
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path)


@pytest.fixture()
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number in range(PHOTOS):
        draw(folder / f"{number % 3}" / f"{number:03}.png", f"KL{number:02}AB{number * 7 % 100:02}")
    (folder / "broken.jpg").write_bytes(b"no photo")
    return folder


def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["read", str(tmp_path), "--ray"])
    assert ended.value.code == 2 and "--out readings.parquet" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_killed_workers_photos_are_read_again_and_none_twice(photos: Path, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason="needs Ray: pip install '.[ray]'")
    import pyarrow.dataset as ds

    killed = tmp_path / "killed"

    class Mortal(ReadPhotos):
        def __call__(self, batch: Any) -> Any:
            if not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(batch)

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        out = tmp_path / "new" / "readings.parquet"
        counts = read_with_ray([str(photos)], str(out), LOCAL, Mortal)
        assert killed.exists()
        rows = ds.dataset(out, format="parquet").to_table().to_pylist()
        with pytest.raises(LprError, match="there is something already"):
            read_with_ray([str(photos)], str(out), LOCAL)
    finally:
        ray.shutdown()
    recognizer = LicensePlateRecognizer(threads=1)
    files = sorted(photos.glob("*/*.png"))
    expected = [
        (str(path), plate.text, round(plate.confidence, 3)) for path in files for plate in recognizer.read([path])[0]
    ]
    assert len(expected) > PHOTOS / 2
    found = [(row["image"], row["text"], round(row["confidence"], 3)) for row in rows if row["text"]]
    assert sorted(found) == sorted(expected)
    assert [Path(row["image"]).name for row in rows if row["error"]] == ["broken.jpg"]
    assert counts == (PHOTOS + 1, len(expected), 1)
    assert list(out.parent.iterdir()) == [out]
