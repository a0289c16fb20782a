"""What the OCR is trained to: the text by CTC, and where its characters stand where that is known."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lpr.ocr.decoding import NOTHING
from lpr.ocr.targets import UNKNOWN


def log_probabilities(logits: Tensor) -> Tensor:
    """Return `(B, T, 37)` log-probabilities of `(B, T, 36)` log-odds; index 0 is "no character", its logit 0."""
    return functional.pad(logits.float(), (1, 0)).log_softmax(dim=-1)


def reading_loss(
    logits: Tensor, classes: Tensor, lengths: Tensor, glyphs: Tensor, glyph_weight: float
) -> dict[str, Tensor]:
    """Return the terms of the loss and their sum.

    Args:
        logits: `(B, T, 36)` of the OCR.
        classes: `(B, L)` classes 1 to 36 of the texts, padded.
        lengths: `(B,)` characters of each text.
        glyphs: `(B, T)` class that a time step should show, `UNKNOWN` where nothing is said.
        glyph_weight: weight of the glyph term. CTC alone first has to find the alignment, which takes thousands of
            steps; telling it where rendered characters stand makes it read from the start.

    Returns:
        Scalars `loss`, `ctc_loss` (per character), `glyph_loss`.
    """
    steps = log_probabilities(logits)
    sizes = torch.full((len(logits),), logits.shape[1], dtype=torch.int64)
    ctc = functional.ctc_loss(
        steps.transpose(0, 1), classes, sizes, lengths, blank=NOTHING, reduction="none", zero_infinity=True
    )
    ctc = (ctc / lengths.clamp(min=1).to(ctc.device)).mean()
    known = glyphs != UNKNOWN
    if known.any():
        per_step = functional.nll_loss(steps.transpose(1, 2), glyphs, ignore_index=UNKNOWN, reduction="none")
        # Characters are rare among the steps: both kinds of step count the same.
        shown = glyphs > NOTHING
        empty = known & ~shown
        glyph = per_step[shown].sum() / shown.sum().clamp(min=1) + per_step[empty].sum() / empty.sum().clamp(min=1)
    else:
        glyph = ctc.new_zeros(())
    return {"loss": ctc + glyph_weight * glyph, "ctc_loss": ctc, "glyph_loss": glyph}
