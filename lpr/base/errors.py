"""The one exception that this project's users are meant to read."""

from __future__ import annotations


class LprError(Exception):
    """Something the user can mend: the message names the file or field and says what to do.

    Commands and stages print the message alone and exit with 2; a traceback means a bug of ours.
    """
