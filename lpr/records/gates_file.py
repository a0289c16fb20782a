"""Gates: the record of each verdict, and its file gates.json."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.metrics.counts import rounded
from lpr.records.record import Record, Sha256, load_record

_AGAIN = "run `dvc repro evaluate`"
Direction = Literal[">=", ">", "<=", "<"]
_COMPARE: dict[Direction, Callable[[float, float], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip


@dataclass(frozen=True, config=ConfigDict(allow_inf_nan=False))
class Gate:
    """The verdict on one quality of the models.

    Attributes:
        name: its stable name, that of its threshold in params.yaml where it has one there.
        value: what was measured; None where the measurement could not be made, and the gate fails then.
        threshold: what `value` is compared with, in the same unit.
        direction: how: `value direction threshold` must hold.
        passed: the verdict.
        detail: what was measured and, where it failed, why; one line.
        applies: whether the test split holds what it takes; a gate that does not apply is neither met nor missed.
    """

    name: str
    value: float | None
    threshold: float
    direction: Direction
    passed: bool
    detail: str
    applies: bool = True


class GatesFile(Record):
    """The content of gates.json: whether all are met, the gates, and SHA-256 of each model file that was judged."""

    passed: bool
    gates: Annotated[tuple[Gate, ...], Field(min_length=1)]
    models: dict[str, Sha256]


def compare(value: float | None, direction: Direction, threshold: float) -> bool:
    """Return whether `value` meets the threshold; None and NaN never do."""
    return value is not None and _COMPARE[direction](value, threshold)


def save_gates(path: Path | str, gates: Sequence[Gate], models: Mapping[str, str] | None = None) -> None:
    """Write gates.json: `passed` of all, the `gates` in their order, and whose they are.

    Values are rounded after the verdicts.

    Args:
        path: the file.
        gates: the verdicts.
        models: SHA-256 of each model file that was judged, by name: `publish` refuses any others.
    """
    values = [{**asdict(gate), "value": _round(gate.value)} for gate in gates]
    write_json(path, {"passed": not failed(gates), "gates": values, "models": dict(models or {})})


def load_gates(path: Path | str) -> list[Gate]:
    """Read gates.json. Raises LprError, as `load_record` does."""
    return list(load_gates_file(path).gates)


def load_gates_of(path: Path | str, models: Path, names: Sequence[str]) -> list[Gate]:
    """Read gates.json, and make sure that it is about the models of a folder.

    Args:
        path: of gates.json.
        models: the folder.
        names: the model files that have to be those that were judged.

    Raises:
        LprError: as `load_gates`; or a model file is missing, or another than was judged.
    """
    record = load_gates_file(path)
    for name in names:
        here = sha256(models / name) if (models / name).is_file() else None
        if here is None or record.models.get(name) != here:
            raise LprError(f"{path}: not about {models / name}, so it says nothing here; {_AGAIN}")
    return list(record.gates)


def load_gates_file(path: Path | str) -> GatesFile:
    """Read all of gates.json. Raises LprError, as `load_record` does."""
    return load_record(path, GatesFile, _AGAIN)


def failed(gates: Sequence[Gate]) -> list[Gate]:
    """Return the gates that are not met."""
    return [gate for gate in gates if gate.applies and not gate.passed]


def verdict(gate: Gate) -> str:
    """Return `pass`, `FAIL`, or `n/a` for a gate that does not apply."""
    return "n/a" if not gate.applies else "pass" if gate.passed else "FAIL"


def _round(value: Any) -> Any:
    # Differences between two calls are tiny: they keep their leading digits instead of four places.
    if isinstance(value, float) and 0 < abs(value) < 1e-3:
        return float(f"{value:.3g}")
    return rounded(value)
