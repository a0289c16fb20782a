"""What becomes of memory that a long run has freed."""

from __future__ import annotations

import ctypes
import sys

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 1 << 20  # bytes


def return_large_blocks() -> None:
    """Have the C library give blocks of 1 MB and more back to the system once they are freed. Only glibc is told.

    By default glibc does so until the first large block is freed. From then on it cuts those of up to 32 MB out of its
    heaps, of which each thread has one, and in them photos of many sizes leave gaps that do not go back.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_MMAP_THRESHOLD, _LARGE)
