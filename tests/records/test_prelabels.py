"""The record of pre-labels: it is read as it was written, and what is wrong in a file is named."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from lpr.base.errors import LprError
from lpr.base.files import write_json
from lpr.records.prelabels import Prelabels, load_prelabels

PLATE = {"bbox": [1.5, 2.0, 30.0, 10.2], "text": "AB1", "certainty": 0.875, "sure": True}
PHOTO = {
    "image": "a/b.jpg", "size": [640, 480], "group": 1, "certainty": 0.5, "faint": 0, "sure": True, "plates": [PLATE],
}  # fmt: skip
RECORD: dict[str, Any] = {
    "format": 1, "models": "lpr 0", "precision": 0.9, "measured": False, "threshold": None,
    "rejected": [{"image": "c.jpg", "reason": "no image"}], "photos": [PHOTO],
}  # fmt: skip


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_json(tmp_path / "prelabels.json", RECORD)
    assert load_prelabels(tmp_path).model_dump(mode="json") == RECORD


def test_boxes_are_written_to_a_tenth_and_the_certainty_of_photos_to_four_places() -> None:
    photo = {**PHOTO, "certainty": 0.123456, "plates": [{**PLATE, "bbox": (1.26, 2.0, 30.04, 10.0)}]}
    (written,) = Prelabels.model_validate({**RECORD, "photos": [photo]}).model_dump(mode="json")["photos"]
    assert written["certainty"] == 0.1235 and written["plates"][0]["bbox"] == [1.3, 2.0, 30.0, 10.0]


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("format",), 2, "format is 2"),
        (("photos", 0, "certainty"), 1.5, "photos.0.certainty is 1.5"),
        (("photos", 0, "size"), [640, 0], "photos.0.size.1 is 0"),
        (("photos", 0, "plates", 0, "bbox"), [1, 2, 3], r"photos\.0\.plates\.0\.bbox\.3: missing"),
        (("photos", 0, "plates", 0, "more"), 1, r"photos\.0\.plates\.0\.more: unknown key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, place: tuple[Any, ...], value: Any, message: str) -> None:
    record = inner = copy.deepcopy(RECORD)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    write_json(tmp_path / "prelabels.json", record)
    with pytest.raises(LprError, match=rf"prelabels\.json: {message}.*; name a folder that `lpr data prelabel` wrote"):
        load_prelabels(tmp_path)
