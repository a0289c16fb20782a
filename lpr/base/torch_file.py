"""Opening files that torch wrote, or somebody who says so: tensors and plain values, in memory of the file's size."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import torch


def load(path: Path) -> Any:
    """Return the value of a file that `torch.save` wrote. Nothing is unpickled but tensors and plain values.

    Raises:
        ValueError: it is damaged, or its entries or tensors are larger than its bytes.
        Exception: torch raises whatever damaged bytes lead it to.
    """
    with zipfile.ZipFile(path) as archive:
        # torch itself would inflate them, and does not compare the checksums.
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise ValueError("its entries are compressed, as torch writes none")
        if sum(entry.file_size for entry in archive.infolist()) > path.stat().st_size:
            raise ValueError("its entries are larger than the file")
        if broken := archive.testzip():
            raise ValueError(f"{broken} has a wrong checksum")
    value = torch.load(path, map_location="cpu", weights_only=True)
    _check_tensors(value)
    return value


def _check_tensors(value: Any) -> None:
    """Raise ValueError where a tensor has more elements than bytes were stored for it, as strides of 0 allow."""
    pending, seen = [value], {id(value)}
    while pending:
        part = pending.pop()
        if isinstance(part, torch.Tensor):
            plain = part.layout == torch.strided and part.device.type == "cpu" and not part.is_quantized
            if not plain or part.numel() * part.element_size() > part.untyped_storage().nbytes():
                raise ValueError("a tensor is larger than what is stored of it")
            continue
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ()
        for item in inner:
            if id(item) not in seen:
                seen.add(id(item))
                pending.append(item)
