"""What `fetch_data` writes down of the data set: `data/manifest.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from lpr.records.record import Record, load_record

Filled = Annotated[str, StringConstraints(min_length=1)]


class DataSource(Record):
    """A source of the data. Further fields are those of its kind: a path, a dataset, how many images it gave."""

    model_config = ConfigDict(extra="allow")

    name: Filled
    kind: Filled
    use: Filled
    licence: Filled


class Data(Record):
    """What data models were made of: the hash of all images and annotations, and where they are from."""

    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$")]
    sources: Annotated[tuple[DataSource, ...], Field(min_length=1)]


class Manifest(Data):
    """A data set; `splits` says by which rule it was divided."""

    format: Literal[1]
    splits: dict[str, Any]

    def data(self) -> Data:
        """Return what models record of it."""
        return Data(fingerprint=self.fingerprint, sources=self.sources)


def load_manifest(path: Path | str) -> Manifest:
    """Read `data/manifest.json`. Raises LprError, as `load_record` does."""
    return load_record(path, Manifest, "make the data with `dvc repro -f fetch_data`")
