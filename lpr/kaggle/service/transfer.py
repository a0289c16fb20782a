"""Files over an unreliable network: downloads that resume, never half a file under its final name."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import write_json
from lpr.kaggle.service.errors import KaggleError, from_answer, translate
from lpr.kaggle.service.retry import RetryPolicy

_CHUNK = 1 << 16  # bytes; a block that does not come whole is not written, so this is what a cut loses at most
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def no_room(error: OSError, path: Path) -> LprError:
    """The LprError for a failed write: a full disk is named as such."""
    if error.errno in _NO_ROOM:
        return LprError(f"{path}: no room left on the disk; free some, or set LPR_CACHE to a folder on a larger one")
    return LprError(f"{path}: cannot be written ({error.strerror}); check the folder's permissions")


def fetch(
    start: Callable[[], Any],
    target: Path,
    doing: str,
    policy: RetryPolicy,
    check_room: Callable[[int], None] = lambda _: None,
) -> None:
    """Download to `target`, which appears when it is whole; what a cut leaves is carried on with, also in a later run.

    Args:
        start: makes a new request and returns its streaming `requests.Response`; called again for each try, because
            the URLs that Kaggle redirects to expire.
        target: the file to make.
        doing: names the download in messages.
        policy: how often and how long to try. A try that brought something does not count as one.
        check_room: is told how many bytes are still to come; raises if they do not fit.

    Raises:
        KaggleError: the download fails for good. What has come is kept for the next run.
        LprError: there is no room.
    """
    part = target.with_name(target.name + ".part")
    policy.retry(lambda: _fetch_once(start, part, doing, policy, check_room), progress=lambda: _size(part))
    part.replace(target)
    _marker(part).unlink(missing_ok=True)


def _fetch_once(
    start: Callable[[], Any], part: Path, doing: str, policy: RetryPolicy, check_room: Callable[[int], None]
) -> None:
    import requests
    from tqdm import tqdm

    response = start()
    try:
        identity = _identity(response)
        size = identity["size"]
        have = _size(part) if identity["validator"] and _read_marker(part) == identity else 0
        if size is not None and have == size:
            return
        if have:
            url = response.url
            response.close()
            headers = {"Range": f"bytes={have}-", "If-Range": identity["validator"], "Accept-Encoding": "identity"}
            try:
                response = requests.get(url, headers=headers, stream=True, timeout=policy.timeout)
            except requests.exceptions.RequestException as error:
                raise translate(error, doing) from None
            if response.status_code >= 400:
                raise from_answer(response, doing)
            if response.status_code != 206:
                have = 0
        if size is not None:
            check_room(size - have)
        part.parent.mkdir(parents=True, exist_ok=True)
        write_json(_marker(part), identity)
        with (
            part.open("ab" if have else "wb") as stream,
            tqdm(total=size, initial=have, unit="B", unit_scale=True, desc=part.stem, disable=None) as bar,
        ):
            for block in _blocks(response, doing):
                try:
                    stream.write(block)
                except OSError as error:
                    raise no_room(error, part) from None
                bar.update(len(block))
    finally:
        response.close()
    if size is not None and _size(part) != size:
        have = _size(part)
        if have > size:
            part.unlink()
        raise KaggleError(f"{doing}: {have} of {size} bytes came", "offline")


def _blocks(response: Any, doing: str) -> Any:
    import requests
    import urllib3

    try:
        yield from response.iter_content(_CHUNK)
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, ConnectionError) as error:
        raise translate(error, doing) from None


def _identity(response: Any) -> dict[str, Any]:
    """What tells one state of a remote file from another; the validator is None if the file cannot be resumed."""
    headers = response.headers
    plain = "Content-Encoding" not in headers
    ranges = headers.get("Accept-Ranges") == "bytes"
    return {
        "validator": (headers.get("ETag") or headers.get("Last-Modified")) if ranges and plain else None,
        "size": int(headers["Content-Length"]) if plain and "Content-Length" in headers else None,
    }


def _marker(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_marker(part: Path) -> Any:
    try:
        return json.loads(_marker(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
