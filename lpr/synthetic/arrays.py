"""Names for arrays. OpenCV's stubs leave the element type open, so the aliases do too; docstrings give it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
"""`(H, W, 3)` uint8 RGB."""
Mask = NDArray[Any]
"""`(H, W)` uint8 coverage, 255 where full."""
Points = NDArray[np.float64]
"""`(N, 2)` positions `(x, y)` in pixels, (0, 0) at the top left corner of the first pixel."""
Point = tuple[float, float]
Colour = tuple[int, int, int]
Area = tuple[int, int, int, int]
"""`(left, top, right, bottom)` in pixels."""
Range = tuple[float, float]
