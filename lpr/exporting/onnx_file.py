"""From a torch network to an .onnx file, and the proof that both compute the same."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from lpr.base.errors import LprError
from lpr.base.files import named
from lpr.runtime.onnx_model import INTERFACES, METADATA_KEY, Card, OnnxModel

PARITY_BATCHES = (1, 2, 7)
"""Batch sizes at which torch and ONNX Runtime are compared."""
PARITY_SEED = 2026


def write_onnx(module: nn.Module, card: Card, path: Path, opset: int) -> None:
    """Write a network as an .onnx file that takes any batch size and carries its card.

    The same weights give the same bytes, on any machine with the same versions of torch and onnxscript.

    Args:
        module: network in evaluation mode, on the CPU.
        card: goes into the file's `metadata_props`.
        path: the file; its folder exists.
        opset: version of the ONNX operator set.

    Raises:
        LprError: torch cannot express the network in this opset.
    """
    interface = INTERFACES[card.kind]
    # Two images, since torch takes a dimension of 1 for a constant.
    example = torch.zeros(2, 3, *interface.size)
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(
                module,
                (example,),
                dynamo=True,
                input_names=[interface.input],
                output_names=list(interface.outputs),
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                opset_version=opset,
            )
        assert program is not None
        model = program.model_proto
        # The exporter may leave the model in another opset when it cannot convert it, and say so in its log alone.
        written = next(entry.version for entry in model.opset_import if not entry.domain)
        if written != opset:
            raise ValueError(f"it stays in opset {written}")
        _strip(model)
        onnx.helper.set_model_props(model, {METADATA_KEY: card.to_json()})
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the errors of exporter and checker share no base
        reason = str(error).strip().splitlines()[0]
        raise LprError(f"export.opset is {opset}: torch cannot write the {card.kind} ({reason}); try 18") from error
    with named(path):
        path.write_bytes(model.SerializeToString(deterministic=True))


@dataclass(frozen=True)
class Difference:
    """Where torch and ONNX Runtime differ most, and by how much."""

    output: str
    batch: int
    value: float


def largest_difference(module: nn.Module, model: OnnxModel) -> Difference:
    """Return where the outputs of torch and ONNX Runtime differ most, over random images and several batch sizes.

    An output that is not finite counts as infinitely different.
    """
    interface = INTERFACES[model.card.kind]
    generator = torch.Generator().manual_seed(PARITY_SEED)
    differences = []
    for size in PARITY_BATCHES:
        images = torch.rand(size, 3, *interface.size, generator=generator)
        with torch.no_grad():
            outputs = module(images)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        for name, ours, theirs in zip(interface.outputs, outputs, model(images.numpy()), strict=True):
            if theirs.shape != tuple(ours.shape):
                raise LprError(f"{model.path}: {name} has shape {theirs.shape}, torch gives {tuple(ours.shape)}")
            apart = np.abs(ours.numpy() - theirs)
            value = float(apart.max()) if np.isfinite(apart).all() else float("inf")
            differences.append(Difference(name, size, value))
    return max(differences, key=lambda difference: difference.value)


def check_parity(module: nn.Module, model: OnnxModel, tolerance: float) -> Difference:
    """Return `largest_difference`. Raises LprError when it is above `tolerance`."""
    difference = largest_difference(module, model)
    if difference.value > tolerance:
        raise LprError(
            f"{model.path.name}: torch and ONNX Runtime differ by {difference.value:.3g} in '{difference.output}' "
            f"for a batch of {difference.batch}, more than export.parity ({tolerance:g}); export again, and try "
            "another export.opset or version of onnxruntime if it stays"
        )
    return difference


def _strip(model: onnx.ModelProto) -> None:
    """Take out notes on the source code that the exporter leaves: they hold this machine's paths."""
    graphs = [model.graph]
    for node in [*model.graph.node, *(node for function in model.functions for node in function.node)]:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
        graphs += [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    for part in [model, *graphs, *model.functions]:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for value in [*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        value.ClearField("metadata_props")
        value.ClearField("doc_string")


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back the exporter's progress and advice; its errors are exceptions."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
