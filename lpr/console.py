"""How commands and stages end: 0 done, 1 a verdict against, 2 one clear line on what the user can mend."""

from __future__ import annotations

import sys
from collections.abc import Callable

from lpr.errors import LprError


def run(main: Callable[[], int | None]) -> None:
    """Run a command's `main` and exit with its status; an LprError is printed without a traceback, with status 2."""
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
    sys.exit(status or 0)
