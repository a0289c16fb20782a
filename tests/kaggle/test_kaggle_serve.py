"""Models that the service fetches from Kaggle."""

from __future__ import annotations

from pathlib import Path

import pytest
from standin import StandIn

pytest.importorskip("starlette", reason="the service's packages are missing: pip install -r requirements.txt")


from lpr.base.errors import LprError
from lpr.inference.shipped import SHIPPED
from lpr.publishing.versions import Version
from lpr.records.model_files import MODEL_FILES
from lpr.records.record import ModelFile
from lpr.records.versions import VERSION_FILE, PublishedVersion
from lpr.serve.metrics import Metrics
from lpr.serve.models import Models
from lpr.serve.sources import open_source

NAME = "alice/license-plate-models"
NAMES = (*MODEL_FILES, "training_metadata.json", "README.md")


def put(kaggle: StandIn, folder: Path, version: Version, damaged: bool = False) -> None:
    """Publish the shipped models as a version; `damaged`: with another byte than its record says."""
    files = {name: SHIPPED / name for name in NAMES}
    contents = {name: path.read_bytes() for name, path in files.items()}
    described = {name: ModelFile.of(path) for name, path in files.items()}
    record = PublishedVersion(version=str(version), message=f"{version} - shipped", git_commit=None, files=described)
    contents[VERSION_FILE] = record.model_dump_json().encode()
    if damaged:
        contents["ocr.onnx"] = contents["ocr.onnx"][:-1] + b"?"
    kaggle.state.put(NAME, contents)


def test_versions_of_a_dataset_are_followed(kaggle: StandIn, tmp_path: Path) -> None:
    put(kaggle, tmp_path, Version(1, 0))
    models = Models(open_source(f"kaggle:{NAME}"), Metrics(), threads=1)
    assert (models.current().version, models.current().message) == ("v1.0", "v1.0 - shipped")
    assert not models.update()
    put(kaggle, tmp_path, Version(1, 1), damaged=True)
    assert not models.update() and models.current().version == "v1.0"
    put(kaggle, tmp_path, Version(1, 2))
    assert models.update() and models.current().version == "v1.2"
    pinned = Models(open_source(f"kaggle:{NAME}/v1.0"), Metrics(), threads=1)
    assert pinned.current().version == "v1.0" and not pinned.update()
    with pytest.raises(LprError, match=r"no version v3\.0"):
        Models(open_source(f"kaggle:{NAME}/v3.0"), Metrics())
