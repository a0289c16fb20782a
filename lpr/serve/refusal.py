"""A request, or a photo of one, that is not answered with plates."""

from __future__ import annotations

RETRY_SECONDS = 1
"""After which a client may try again where the service is full."""


class RefusalError(Exception):
    """Why a request is refused.

    Args:
        status: of the answer, 400 to 599.
        message: one line that says what to do.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        if self.status == 503:
            return {"Retry-After": str(RETRY_SECONDS)}
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
