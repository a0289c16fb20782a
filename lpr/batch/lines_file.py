"""A file of JSON lines, one a photo, that a job may be killed over and goes on with."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from lpr.base.errors import LprError
from lpr.base.parsing import parse_json

_START = b'{"image": '
_ADVICE = "not what `lpr read --out` writes; name another file"


class LinesFile:
    """Appends lines to a file and knows which photos it holds already. To be used in a `with` statement.

    A last line without its end, which a killed process or a full disk leaves behind, is cut off. While it is open no
    other process can open it here, so that no photo's line is written twice.

    Args:
        path: made, with its folder, if it does not exist.

    Raises:
        LprError: it cannot be written, holds something else, or another process is writing it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_file():
            raise LprError(f"{path}: not a file that lines can be added to")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = path.open("a+b", buffering=0)
        except OSError as error:
            raise LprError(f"{path}: cannot be written ({error.strerror})") from error
        try:
            self._lock()
            self._images = self._recover()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> LinesFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def __contains__(self, image: str) -> bool:
        return image in self._images

    def append(self, image: str, line: str) -> None:
        """Add the line of a photo, unless it is there.

        Raises:
            LprError: the line could not be written, for example because the disk is full.
        """
        if image in self._images:
            return
        block = line.encode() + b"\n"
        try:
            if self._stream.write(block) != len(block):
                raise OSError(None, "the disk is full")
        except OSError as error:
            raise LprError(f"{self.path}: cannot be written ({error.strerror}); run again to go on") from error
        self._images.add(image)

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # not on Windows
            return
        try:
            # Kept by the open file alone: a killed process leaves no lock behind.
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LprError(f"{self.path}: another process is writing it; wait for it, or name another file") from error

    def _recover(self) -> set[str]:
        """Cut a torn last line off and return the photos of the others."""
        images: set[str] = set()
        whole = 0
        self._stream.seek(0)
        with os.fdopen(os.dup(self._stream.fileno()), "rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    if not line.endswith(b"\n") and line.startswith(_START[: len(line)]):
                        break
                    images.add(str(parse_json(line)["image"]))
                except (ValueError, KeyError, TypeError) as error:
                    raise LprError(f"{self.path}: line {number} is {_ADVICE}") from error
                whole += len(line)
        self._stream.truncate(whole)
        return images
