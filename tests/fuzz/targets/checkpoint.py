"""What torch wrote: `load_checkpoint` with its network, the state of an unfinished training, the gate's look at it."""

from __future__ import annotations

import io
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any

import torch

from lpr.base.errors import LprError
from lpr.evaluation.graph import checkpoint_weights
from lpr.exporting.checkpoint import load_checkpoint
from lpr.training.engine.checkpoint import Resume
from tests.fuzz import hostile, mutate
from tests.fuzz.hostile import OUTSIDE
from tests.fuzz.target import Made, expect
from tests.tiny import checkpoint


class Target:
    """Checkpoints of small networks: their values, tensors, pickles, zip entries and bytes changed."""

    memory = 800

    def __init__(self, seeds: Path) -> None:
        self._bytes = {kind: _saved(checkpoint(kind)) for kind in ("detector", "ocr")}
        self._values = {kind: checkpoint(kind) for kind in ("detector", "ocr")}
        state = {
            "step": 3,
            "history": [{"lr": 0.1}],
            "model": self._values["ocr"]["weights"],
            "random": torch.get_rng_state(),
        }
        self._bytes["state"], self._values["state"] = _saved(state), state

    def make(self, rng: random.Random, folder: Path) -> Made:
        self._kind = rng.choice(("detector", "ocr", "state"))
        self._path = folder / ("ocr-key/state.pt" if self._kind == "state" else f"{self._kind}.pt")
        self._path.parent.mkdir(exist_ok=True)
        self._gate = rng.random() < 0.2
        change = rng.randrange(10)
        if change < 4:
            data, note = mutate.damage(self._bytes[self._kind], rng), "bytes changed"
        elif change < 6:
            data, note = _values(self._values[self._kind], rng)
        elif change < 8:
            payload = rng.choice(_PAYLOADS)
            data, note = (
                _with_pickle(self._bytes[self._kind], pickle.dumps(payload, rng.choice((2, 2, 4)))),
                f"a pickle of {payload}",
            )
        elif change == 8:
            data, note = _with_pickle(self._bytes[self._kind], rng.choice(_PICKLES)), "a pickle by hand"
        else:
            data, note = _packed(self._bytes[self._kind], rng), "entries compressed"
        self._path.write_bytes(data)
        return Made(f"{self._kind}{', gate' if self._gate else ''}: {note}", change >= 7 and self._kind != "state")

    def run(self, folder: Path) -> str:
        if self._kind == "state":
            state = Resume(folder, "ocr", "key").load()
            if state is None:
                expect(
                    not self._path.exists() and self._path.with_suffix(".damaged").exists(),
                    "a state that was not set aside",
                )
                return "refused"
            expect("step" in state, "a state without step")
            return "resumed"
        if self._gate:
            weights = checkpoint_weights(self._path)
            expect(weights.weight_bytes <= weights.file_bytes, f"{weights}")
            raise LprError("read by the gate, which judges and does not refuse")
        module = load_checkpoint(self._path, self._kind).module()
        with torch.no_grad():
            module(torch.zeros(1, 3, *((224, 224) if self._kind == "detector" else (32, 128))))
        return "read"


def _saved(value: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def _values(value: Any, rng: random.Random) -> tuple[bytes, str]:
    """Change a value of a checkpoint, keeping the file in order."""
    holder = {"": _copy(value)}
    places = [place for place in mutate.places(holder) if place[0] is not holder]
    tensors = [place for place in places if isinstance(place[0][place[1]], torch.Tensor)]
    parent, key = rng.choice(tensors if rng.random() < 0.4 else places)
    parent[key] = new = rng.choice(_VALUES)(rng)
    if rng.random() < 0.2 and isinstance(parent, dict):
        parent[rng.choice((*hostile.TEXTS, 3, None, (1, 2)))] = parent.pop(key)
    return _saved(holder[""]), f"{str(key)[:40]} is {type(new).__name__!s}"


def _copy(value: Any) -> Any:
    return {key: _copy(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _nested(rng: random.Random) -> Any:
    value: Any = [1] * 10
    for _ in range(rng.choice((3, 9, 25))):
        value = [value] * 10  # shared: small in the file, large for who prints it
    return value


_VALUES = (
    lambda rng: rng.choice((0, -1, 3, 4, 5, 1000, 20_000, 10**6, 1 << 31, 1 << 62, 1 << 63, 10**400, 4.0, True)),
    lambda rng: rng.choice((float("nan"), float("inf"), -1.0, 1e308)),
    lambda rng: rng.choice([text for text in hostile.TEXTS if text != "\ud800" and "\udcff" not in text]),
    lambda rng: rng.choice((None, [], {}, (), [1, 2], {"a": 1}, b"bytes", torch.Size([1]), torch.float32)),
    lambda rng: torch.zeros(1).expand(rng.choice((1 << 20, 1 << 31, 1 << 40))),
    lambda rng: torch.zeros(1).as_strided((1 << 16, 1 << 16), (0, 0)),
    lambda rng: torch.full((3, 4), rng.choice((float("nan"), float("inf"), 1e38))),
    lambda rng: torch.zeros(
        2, 2, dtype=rng.choice((torch.complex64, torch.int8, torch.bool, torch.bfloat16, torch.float64))
    ),
    lambda rng: torch.sparse_coo_tensor(torch.zeros(2, 1, dtype=torch.long), torch.ones(1), (1 << 20, 1 << 20)),
    lambda rng: torch.zeros(1 << 20, device="meta"),
    lambda rng: torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8),
    _nested,
)


class _Runs:
    """Unpickles by calling something."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call

    def __repr__(self) -> str:
        return f"{self._call[0].__name__}{self._call[1]}"


def _payloads() -> tuple[Any, ...]:
    import os
    import subprocess

    place = f"{OUTSIDE}/executed"
    return (
        _Runs(os.mkdir, place), _Runs(os.system, f"touch {place}"), _Runs(subprocess.check_call, ["touch", place]),
        _Runs(eval, f"__import__('os').mkdir({place!r})"), _Runs(open, place, "w"), _Runs(bytearray, 1 << 34),
        _Runs(torch.Tensor, 1 << 33), {"step": _Runs(os.mkdir, place)},
        {"step": 1, "weights": {"a": _Runs(exec, f"open({place!r}, 'w')")}},
    )  # fmt: skip


_PAYLOADS = _payloads()
_PICKLES = (
    b"cos\nmkdir\n(V" + f"{OUTSIDE}/executed".encode() + b"\ntR.", b"\x80\x02" + b"]" * 100_000 + b".",
    b"\x80\x02" + b"}" * 9 + b"s.",
    b"\x80\x02N" + b"\x85" * 200_000 + b".", b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
    b"\x80\x02B\xff\xff\xff\x7f.", b"", b".",
    b"\x80\x02\x8a\xff" + b"\xff" * 255 + b".", b"\x80\x02Q.", b"\x80\x02(K\x01K\x02t" + b"2" * 1_000_000 + b"e.",
)  # fmt: skip


def _with_pickle(data: bytes, content: bytes) -> bytes:
    return _rewritten(data, lambda name, old: content if name.endswith("data.pkl") else old, zipfile.ZIP_STORED)


def _packed(data: bytes, rng: random.Random) -> bytes:
    """Return the file with its entries compressed, one of them being very long."""
    long = bytes(rng.choice((1 << 20, 1 << 27)))
    return _rewritten(data, lambda name, old: long if name.endswith("/0") else old, zipfile.ZIP_DEFLATED)


def _rewritten(data: bytes, change: Any, packing: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", packing) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()
