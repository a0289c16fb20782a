"""What can go wrong between us and Kaggle, each as one line with its remedy."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from lpr.base.errors import LprError

Kind = Literal["credentials", "forbidden", "missing", "rate", "quota", "server", "offline", "tls", "answer"]
TEMPORARY: frozenset[Kind] = frozenset({"rate", "server", "offline"})

NO_CREDENTIALS = (
    "no Kaggle credentials: set KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, or put kaggle.json "
    "(https://www.kaggle.com/settings, section API) into ~/.kaggle or $KAGGLE_CONFIG_DIR;\n"
    "in a Kaggle notebook add secrets of those names under Add-ons > Secrets; `kaggle auth login` works too"
)
_UNRESOLVED = ("failed to resolve", "name or service not known", "name resolution", "nodename nor servname")


class KaggleError(LprError):
    """A failure that Kaggle, or the way to it, is the cause of.

    Attributes:
        kind: what went wrong, in one word.
        retry_after: seconds that the service asked to wait, if it did.
    """

    def __init__(self, message: str, kind: Kind, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return self.kind in TEMPORARY


def scrub(text: str) -> str:
    """Take out of a foreign text what may be secret: the queries of URLs, and the credentials in the environment."""
    text = re.sub(r"(https?://[^\s?\"']+)\?[^\s\"']*", r"\1", text)
    text = re.sub(r"(?i)(token|key|signature|bearer|basic)([=: ]+)[\w+/.~=-]{8,}", r"\1\2***", text)
    for name in ("KAGGLE_KEY", "KAGGLE_API_TOKEN"):
        value = os.environ.get(name)
        if value and len(value) > 3:
            text = text.replace(value, "***")
    return " ".join(text.split())[:300]


def translate(error: Exception, doing: str) -> KaggleError:
    """Turn an exception of `requests` or of the client into a KaggleError; `doing` says what was attempted.

    No text of the exception itself is passed on but the service's own message: the rest may hold signed URLs.
    """
    import requests

    if isinstance(error, KaggleError):
        return error
    if isinstance(error, requests.exceptions.HTTPError) and error.response is not None:
        return from_answer(error.response, doing)
    if isinstance(error, requests.exceptions.SSLError):
        return _tls(str(error), doing)
    text = str(error).lower()
    if any(sign in text for sign in _UNRESOLVED) or isinstance(error, requests.exceptions.ConnectionError):
        return _offline(text, doing)
    if isinstance(error, (requests.exceptions.Timeout, requests.exceptions.ChunkedEncodingError, OSError)):
        return KaggleError(f"{doing}: the connection broke off ({type(error).__name__}); run it again", "offline")
    return KaggleError(f"{doing}: Kaggle's answer makes no sense ({type(error).__name__}); try again later", "answer")


def from_answer(response: Any, doing: str) -> KaggleError:
    """Read an HTTP answer that is an error, by its status or by the `code` in its JSON body."""
    code, message = _code_and_message(response)
    note = f" ({message})" if message else ""
    if "quota" in message.lower():
        return KaggleError(
            f"{doing}: a Kaggle quota is reached{note}; see https://www.kaggle.com/settings, free some or wait", "quota"
        )
    if code == 401:
        return KaggleError(
            f"{doing}: Kaggle does not accept the credentials (401); make a new token at "
            "https://www.kaggle.com/settings and check this machine's clock",
            "credentials",
        )
    if code == 403:
        return KaggleError(
            f"{doing}: this account is not allowed to (403){note}; use the owner's account, accept the dataset's "
            "terms on its page, or verify the account's phone number",
            "forbidden",
        )
    if code == 404:
        return KaggleError(
            f"{doing}: not found (404): there is no such thing, or it is private and these credentials may not see it; "
            "check the name, or ask its owner to share it",
            "missing",
        )
    if code == 429:
        wait = retry_after(response.headers.get("Retry-After"))
        hint = "later" if wait is None else f"in {wait:.0f} s"
        return KaggleError(f"{doing}: too many requests (429); run it again {hint}", "rate", wait)
    if code >= 500:
        return KaggleError(f"{doing}: Kaggle has a fault of its own ({code}); run it again later", "server")
    return KaggleError(f"{doing}: Kaggle refuses ({code}){note}", "answer")


def retry_after(value: str | None) -> float | None:
    """Seconds to wait, of a Retry-After header in either of its forms (RFC 9110, 10.2.3); None if it has none."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _code_and_message(response: Any) -> tuple[int, str]:
    code, message = int(response.status_code), ""
    if "json" in response.headers.get("Content-Type", ""):
        try:
            body = response.json()
        except ValueError:
            body = {}
        if isinstance(body, dict):
            message = scrub(str(body.get("message") or ""))
            if code < 400 and isinstance(body.get("code"), int):
                code = body["code"]
    return code, message


def _tls(text: str, doing: str) -> KaggleError:
    if "not yet valid" in text or "expired" in text:
        return KaggleError(f"{doing}: Kaggle's certificate is out of its time; set this machine's clock", "tls")
    return KaggleError(
        f"{doing}: Kaggle's certificate is not trusted; behind a proxy that inspects traffic, name its certificate "
        "in REQUESTS_CA_BUNDLE",
        "tls",
    )


def _offline(text: str, doing: str) -> KaggleError:
    if os.environ.get("KAGGLE_KERNEL_RUN_TYPE"):
        remedy = "switch Internet on in the notebook's settings (it needs a verified phone number)"
    elif any(sign in text for sign in _UNRESOLVED):
        remedy = "check the network and the name server"
    else:
        remedy = "check the network and HTTP(S)_PROXY, and run it again"
    return KaggleError(f"{doing}: Kaggle is not reachable; {remedy}", "offline")
