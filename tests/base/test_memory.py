"""Memory that a long run has freed goes back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

_PROGRAM = """
import ctypes, sys
from lpr.base.memory import return_large_blocks

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] == "told":
    return_large_blocks()
libc.free(libc.malloc(8 << 20))
before = libc.mallinfo2().hblkhd
libc.malloc(8 << 20)
print(libc.mallinfo2().hblkhd - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_large_blocks_are_apart_from_the_heap_also_after_the_first_is_freed() -> None:
    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("needs glibc 2.33, which tells where its blocks lie")

    def apart(which: str) -> int:
        done = subprocess.run([sys.executable, "-c", _PROGRAM, which], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert apart("told") >= 8 << 20
    # What it is there for: by itself glibc puts the second one into its heap.
    assert apart("default") == 0
