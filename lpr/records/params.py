"""params.yaml as one validated, frozen object. An unknown, missing or wrong key is an error that names it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from lpr.base.dataset_name import without_page
from lpr.base.errors import LprError
from lpr.base.parsing import read_yaml
from lpr.records.record import Record, explain

Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]  # what databases, generators of random numbers and torch all take
Positive = Annotated[int, Field(ge=1, le=2**31 - 1)]
PositiveFloat = Annotated[float, Field(gt=0)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]


class Source(Record):
    """One source of `fetch_data`. Which further fields it has depends on its `kind`."""

    name: Name
    kind: Literal["synthetic", "path", "kaggle"]
    use: Literal["detection", "reading", "both"]
    limit: Positive | None = None
    format: Literal["own", "voc", "yolo", "coco", "csv", "openalpr", "label_studio", "cvat"] | None = None
    licence: str | None = None
    path: str | None = None
    dataset: str | None = None
    photos: Count | None = None
    crops: Count | None = None
    style: Literal["legible", "harsh"] | None = None
    fonts: str | None = None

    @model_validator(mode="after")
    def _fields_fit_kind(self) -> Source:
        needed = {"synthetic": {"photos", "crops", "style"}, "path": {"path"}, "kaggle": {"dataset"}}
        may = {"synthetic": {"fonts"}}.get(self.kind, set())
        every = {"fonts"}.union(*needed.values())
        given = {field for field in every if getattr(self, field) is not None}
        if missing := needed[self.kind] - given:
            raise ValueError(f"a {self.kind} source needs {', '.join(sorted(missing))}")
        if foreign := given - needed[self.kind] - may:
            raise ValueError(f"a {self.kind} source has no {', '.join(sorted(foreign))}")
        return self


class Shares(Record):
    """How a source without splits is divided; the three add up to 1."""

    train: Share
    val: Share
    test: Share

    @model_validator(mode="after")
    def _sum(self) -> Shares:
        if abs(self.train + self.val + self.test - 1) > 1e-6:
            raise ValueError("train, val and test must add up to 1")
        return self


class FetchData(Record):
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    shares: Shares
    max_rejected: Share
    max_megapixels: Annotated[float, Field(gt=0, le=10_000)]
    max_side: Annotated[int, Field(ge=224)]
    jpeg_quality: Annotated[int, Field(ge=1, le=100)]

    @model_validator(mode="after")
    def _names_differ(self) -> FetchData:
        names = [source.name for source in self.sources]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two sources are named {', '.join(twice)}")
        return self


class Train(Record):
    start: Literal["scratch", "shipped"]
    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["auto", "fp32", "fp16", "bf16"]
    batch_size: Positive
    accumulation: Positive
    lr: PositiveFloat
    weight_decay: Annotated[float, Field(ge=0)]
    warmup: Share
    clip: PositiveFloat
    ema: Annotated[float, Field(ge=0, lt=1)]
    patience: Count
    workers: Count
    checkpoint_seconds: Annotated[float, Field(ge=0)]


class Detector(Record):
    width: Annotated[int, Field(ge=4, multiple_of=2)]
    epochs: Positive
    cache_side: Annotated[int, Field(ge=224)]
    zoom: Share
    close: Share
    turn: Share
    mosaic: Share
    colour: Share
    match_iou: PositiveShare
    nms_iou: PositiveShare


class Ocr(Record):
    width: Annotated[int, Field(ge=4, multiple_of=2)]
    epochs: Positive
    photographs: Positive
    two_line: Positive
    least_width: Annotated[float, Field(ge=0)]
    margin: Annotated[float, Field(ge=0, le=0.5)]
    jitter: Annotated[float, Field(ge=0, le=0.5)]
    tilt: Annotated[float, Field(ge=0, le=20)]
    slant: Annotated[float, Field(ge=0, le=20)]
    turn: Annotated[float, Field(ge=0, le=45)]
    colour: Share
    blur: Share
    glyphs: Annotated[float, Field(ge=0)]


class Export(Record):
    opset: Annotated[int, Field(ge=17, le=23)]
    parity: PositiveFloat
    int8: bool
    same_readings: Share


class Evaluate(Record):
    match_iou: PositiveShare
    second_look: bool
    examples: Count


class Gates(Record):
    end_to_end: Share
    detection: Share
    recognition: Share
    batch_seconds: PositiveFloat
    model_kilobytes: PositiveFloat
    input_sensitivity: Share
    repeatability: Annotated[float, Field(ge=0)]


def _dataset(text: str) -> str:
    """Return `OWNER/NAME` of a dataset, which may be given as the address of its page on Kaggle."""
    name = without_page(text)
    if re.fullmatch(r"[\w-]+/[\w-]+", name) is None:
        raise ValueError("write OWNER/NAME, or the address of its page https://www.kaggle.com/datasets/OWNER/NAME")
    return name


class Publish(Record):
    target: Literal["local", "kaggle"]
    dataset: Annotated[str, AfterValidator(_dataset)]
    private: bool
    registry: str
    version: Annotated[str, StringConstraints(pattern=r"^(auto|v\d{1,9}\.\d{1,9})$")]
    note: Annotated[str, StringConstraints(max_length=500)]


class Params(Record):
    """All of params.yaml; each field is a section of it."""

    seed: Count
    fetch_data: FetchData
    train: Train
    detector: Detector
    ocr: Ocr
    export: Export
    evaluate: Evaluate
    gates: Gates
    publish: Publish


def load_params(path: Path | str = "params.yaml") -> Params:
    """Read and check the parameters.

    Raises:
        LprError: the file is missing, is no YAML, or a key is unknown, missing or out of its range; every such key
            is named with its value and what is allowed.
    """
    try:
        value = read_yaml(path)
    except FileNotFoundError as error:
        raise LprError(f"{path}: no such file; run from the repository's root") from error
    except (OSError, ValueError) as error:
        raise LprError(f"{path}: not readable as YAML: {error}") from error
    return parse_params(value, str(path))


def parse_params(value: Any, origin: str) -> Params:
    """Check parameters that are already in memory; `origin` names them in errors. Raises LprError."""
    try:
        return Params.model_validate(value)
    except ValidationError as error:
        raise LprError("\n".join(f"{origin}: {line}" for line in explain(error))) from error
