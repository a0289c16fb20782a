"""How commands and stages end: 0 done, 1 a verdict against, 2 one clear line on what the user can mend."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

from lpr.base.errors import LprError

_DISK = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free space there"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "make it accessible"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), "move what is in the way"),
    errno.EIO: "look after the disk",
}
"""What to do about errors that are the disk's, by their numbers; any other one is a bug of ours."""


def run(main: Callable[[], int | None]) -> None:
    """Run a command's `main` and exit with its status.

    An LprError is printed without a traceback, with status 2, and so are the disk's own errors.
    """
    try:
        status = main()
    except LprError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = 130
    except BrokenPipeError:
        # The reader of our output has gone (`lpr read ... | head`): nothing is left to say to it.
        sys.stderr.close()
        status = 0
    except OSError as error:
        if error.errno not in _DISK:
            raise
        # Of a copy, the second name is the one that is written.
        name = error.filename2 or error.filename
        where = f"{name}: " if name else ""
        print(f"error: {where}{error.strerror}; {_DISK[error.errno]}, then run again", file=sys.stderr)
        status = 2
    sys.exit(status or 0)


def leave(status: Any) -> None:
    """End the process at once, when nothing is left to do but to take apart what was loaded, which takes a while.

    No exit handler runs: not for a process that has others, or files that are still open. Returns where what was
    printed cannot be written; Python's own way out then says so.

    Args:
        status: what `sys.exit` was given: a number, or None for 0.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    os._exit(status if isinstance(status, int) else 0)
