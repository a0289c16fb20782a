"""What a request asks for beside its photos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lpr.base.errors import LprError
from lpr.serve.refusal import RefusalError
from lpr.world.grammar import check_regions

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_SHOWN = 40  # characters of a wrong value that its message repeats


class Parameters(NamedTuple):
    """Whether an answer has details, and the countries whose plates are expected; None: all."""

    detail: bool
    regions: tuple[str, ...] | None


def parameters(fields: Mapping[str, str]) -> Parameters:
    """Return what fields and query of a request say: `detail=1`, `regions=BR,AR`. Raises RefusalError (400)."""
    if unknown := sorted(fields.keys() - set(Parameters._fields)):
        raise RefusalError(
            400, f"unknown parameter {unknown[0][:_SHOWN]!r}; there are: {', '.join(Parameters._fields)}"
        )
    detail = fields.get("detail", "").lower()
    if detail not in (*_YES, *_NO):
        raise RefusalError(400, f"detail is {detail[:_SHOWN]!r}: true or false")
    codes = sorted({code.strip().upper()[:_SHOWN] for code in fields.get("regions", "").split(",") if code.strip()})
    if not codes:
        return Parameters(detail in _YES, None)
    try:
        check_regions(codes)
    except LprError as error:
        raise RefusalError(400, str(error)) from error
    return Parameters(detail in _YES, tuple(codes))
