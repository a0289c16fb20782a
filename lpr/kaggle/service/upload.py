"""Sending files: each arrives whole, or the sender knows that it did not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lpr.base.errors import LprError
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.errors import KaggleError, from_answer, translate


def upload(client: Client, path: Path, name: str) -> str:
    """Send one file and return the token that a new version names it by.

    A cut is carried on from where it happened; an upload that has expired is begun anew. The client's own uploader is
    not used: it drops files that fail, and keeps the signed address in a file.

    Raises:
        KaggleError: the file did not arrive. No version is made of an upload that is not finished.
    """
    doing = f"uploading {name}"
    size = path.stat().st_size
    token, address = _begin(client, path, name, doing)
    sent, tried = 0, False

    def attempt() -> None:
        nonlocal token, address, sent, tried
        try:
            if tried:
                sent = _received(client, address, size, doing)
            tried = True
            if sent < size or size == 0:
                _send(client, path, address, sent, size, doing)
        except _ExpiredError:
            token, address = _begin(client, path, name, doing)
            sent, tried = 0, False
            raise KaggleError(f"{doing}: Kaggle has forgotten the upload; it is begun anew", "server") from None

    client.policy.retry(attempt, progress=lambda: sent)
    return token


class _ExpiredError(Exception):
    """The service no longer knows the address."""


def _begin(client: Client, path: Path, name: str, doing: str) -> tuple[str, str]:
    from kagglesdk.blobs.types.blob_api_service import ApiBlobType, ApiStartBlobUploadRequest

    request = ApiStartBlobUploadRequest()
    request.type = ApiBlobType.DATASET
    request.name = name
    request.content_length = path.stat().st_size
    request.last_modified_epoch_seconds = int(path.stat().st_mtime)
    answer = client.read(doing, lambda: client.blobs.start_blob_upload(request))
    if not answer.token or not answer.create_url:
        raise KaggleError(f"{doing}: Kaggle gives no address to send it to; run it again later", "answer")
    return answer.token, answer.create_url


def _send(client: Client, path: Path, address: str, start: int, size: int, doing: str) -> None:
    from tqdm import tqdm
    from tqdm.utils import CallbackIOWrapper

    headers = {"Content-Range": f"bytes {start}-{size - 1}/{size}"} if start else {}
    try:
        with (
            path.open("rb") as stream,
            tqdm(total=size, initial=start, unit="B", unit_scale=True, desc=path.name, disable=None) as bar,
        ):
            stream.seek(start)
            # An empty stream would be sent in chunks, which such addresses do not take.
            body: Any = CallbackIOWrapper(bar.update, stream, "read") if size else b""
            response = _put(client, address, body, headers, doing)
    except FileNotFoundError:
        raise LprError(f"{path}: vanished while it was being uploaded") from None
    if response.status_code == 308:
        raise KaggleError(f"{doing}: a part of it came", "offline")
    if response.status_code not in (200, 201):
        _refuse(response, doing)


def _received(client: Client, address: str, size: int, doing: str) -> int:
    """Bytes that have arrived, by the protocol of resumable uploads of Google Cloud Storage."""
    response = _put(client, address, b"", {"Content-Range": f"bytes */{size}"}, doing)
    if response.status_code in (200, 201):
        return size
    if response.status_code == 308:
        range_ = response.headers.get("Range", "")
        return int(range_.rsplit("-", 1)[1]) + 1 if "-" in range_ else 0
    _refuse(response, doing)
    raise AssertionError("a refusal raises")


def _refuse(response: Any, doing: str) -> None:
    if response.status_code in (404, 410):
        raise _ExpiredError
    raise from_answer(response, doing)


def _put(client: Client, address: str, body: Any, headers: dict[str, str], doing: str) -> Any:
    import requests

    try:
        return requests.put(address, data=body, headers=headers, timeout=client.policy.timeout)
    except requests.exceptions.RequestException as error:
        raise translate(error, doing) from None
