"""What the OCR is trained to: the text by CTC, and where its characters stand where that is known."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from lpr.decoding.ctc import BLANK
from lpr.ocr.targets import UNKNOWN


def log_probabilities(logits: Tensor) -> Tensor:
    """Return `(B, T, 37)` log-probabilities of `(B, T, 36)` log-odds; index 0 is "no character", its logit 0."""
    return functional.pad(logits.float(), (1, 0)).log_softmax(dim=-1)


def reading_loss(
    logits: Tensor,
    classes: Tensor,
    lengths: Tensor,
    glyphs: Tensor,
    glyph_weight: float,
    total: Callable[[Tensor], Tensor] = lambda counts: counts,
) -> dict[str, Tensor]:
    """Return the terms of the loss and their sum.

    Args:
        logits: `(B, T, 36)` of the OCR.
        classes: `(B, L)` classes 1 to 36 of the texts, padded.
        lengths: `(B,)` characters of each text.
        glyphs: `(B, T)` class that a time step should show, `UNKNOWN` where nothing is said.
        glyph_weight: weight of the glyph term. CTC alone first has to find the alignment, which takes thousands of
            steps; telling it where rendered characters stand makes it read from the start.
        total: returns the sums of counts over all parts of a batch that several processes share; what they return
            adds up to the loss of the whole batch.

    Returns:
        Scalars `loss`, `ctc_loss` (per character), `glyph_loss`.
    """
    steps = log_probabilities(logits)
    sizes = torch.full((len(logits),), logits.shape[1], dtype=torch.int64)
    ctc = functional.ctc_loss(
        steps.transpose(0, 1), classes, sizes, lengths, blank=BLANK, reduction="none", zero_infinity=True
    )
    ctc = ctc / lengths.clamp(min=1).to(ctc.device)
    per_step = functional.nll_loss(steps.transpose(1, 2), glyphs, ignore_index=UNKNOWN, reduction="none")
    # Characters are rare among the steps: both kinds of step count the same.
    shown, empty = glyphs > BLANK, glyphs == BLANK
    characters, empties = shown.sum(), empty.sum()
    counts = total(torch.stack([torch.full_like(empties, len(logits)), characters, empties])).clamp(min=1)
    ctc = ctc.sum() / counts[0]
    glyph = per_step[shown].sum() / counts[1] + per_step[empty].sum() / counts[2]
    return {"loss": ctc + glyph_weight * glyph, "ctc_loss": ctc, "glyph_loss": glyph}
