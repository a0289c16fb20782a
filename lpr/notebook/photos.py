"""Photos of the data set to look at."""

from __future__ import annotations

from pathlib import Path

from lpr.base.errors import LprError
from lpr.data.annotations import read_entries


def sample_photos(data: Path, count: int) -> list[Path]:
    """Return photos of the test split that show a plate, spread evenly over their names.

    Args:
        data: the folder that `fetch_data` wrote.
        count: photos, at most.

    Raises:
        LprError: there is no such data set, or its test split has no such photo.
    """
    names = [entry.name for entry in read_entries(data / "annotations" / "test.json") if entry.plates]
    if not names:
        raise LprError(f"{data}: its test split has no photo with a plate, crops of plates alone")
    count = min(count, len(names))
    return [data / "images" / "test" / names[place * len(names) // count] for place in range(count)]
