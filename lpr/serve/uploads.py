"""The photos in a request's body, which stay in memory: nothing is written to disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from lpr.serve.limits import Limits
from lpr.serve.refusal import RefusalError

BODIES_AT_ONCE = 8
"""Largest bodies that may be in memory at the same time, in units of one request's limit."""
_LONGEST_HEADERS = 8192  # bytes of a part's headers
_LONGEST_FIELD = 1000  # bytes of a form field that is no photo
_LONGEST_NAME = 200  # characters of a photo's name
_MOST_FIELDS = 8


@dataclass(frozen=True)
class Upload:
    """A photo as it was sent, and the name that its answer gives it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Form:
    """A request's photos, in order, and its fields that are no photos.

    Attributes:
        photos: at least one.
        fields: by name.
        several: whether they came as a form, and are answered by a list.
    """

    photos: list[Upload]
    fields: dict[str, str]
    several: bool


class Bodies:
    """Reads bodies, and bounds the memory that all of them take together."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    @contextmanager
    def room(self) -> Iterator[Room]:
        """Yield what keeps account of one request's bytes; they count until the block ends."""
        room = Room(self)
        try:
            yield room
        finally:
            self._held -= room.held

    def take(self, count: int) -> None:
        """Count bytes. Raises RefusalError where there is no room for them."""
        if self._held + count > BODIES_AT_ONCE * self._limits.bytes:
            raise RefusalError(503, "too many photos are being sent at the same time; try again in a moment")
        self._held += count

    async def form(self, request: Request, room: Room) -> Form:
        """Return what a request holds.

        Raises:
            RefusalError: it is too large or too slow, holds no photo or too many, or is no form where it says so.
            starlette.requests.ClientDisconnect: the client has gone.
        """
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        body = await self._body(request, room)
        if not body:
            raise RefusalError(400, "no photo: send its bytes as the body, or several as multipart/form-data")
        if kind != b"multipart/form-data":
            return Form([Upload("photo", body)], {}, several=False)
        boundary = options.get(b"boundary")
        if not boundary:
            raise RefusalError(400, "multipart/form-data without a boundary; let the client set the Content-Type")
        # Where it takes long it holds up nobody else.
        return await asyncio.get_running_loop().run_in_executor(None, partial(_parse, body, boundary, self._limits))

    async def _body(self, request: Request, room: Room) -> bytes:
        too_large = RefusalError(413, f"more than {self._limits.megabytes} MB; send smaller photos, or fewer at a time")
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._limits.bytes:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.seconds):
                async for chunk in request.stream():
                    if len(body) + len(chunk) > self._limits.bytes:
                        raise too_large
                    room.take(len(chunk))
                    body += chunk
        except TimeoutError:
            raise RefusalError(408, f"the photos did not come within {self._limits.seconds} seconds") from None
        return bytes(body)


@dataclass
class Room:
    """The bytes of one request."""

    bodies: Bodies
    held: int = 0

    def take(self, count: int) -> None:
        """Count bytes as this request's. Raises RefusalError where there is no room for them."""
        self.bodies.take(count)
        self.held += count


@dataclass
class _Part:
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    value: str = ""
    size: int = 0
    content: list[bytes] = field(default_factory=list)


def _parse(body: bytes, boundary: bytes, limits: Limits) -> Form:
    photos: list[Upload] = []
    fields: dict[str, str] = {}
    part = _Part()
    ended = False

    def begin() -> None:
        nonlocal part
        part = _Part()

    def header_name(data: bytes, start: int, end: int) -> None:
        count(end - start)
        part.name += data[start:end].decode("latin-1").lower()

    def header_value(data: bytes, start: int, end: int) -> None:
        count(end - start)
        part.value += data[start:end].decode("utf-8", "replace")

    def count(size: int) -> None:
        part.size += size
        if part.size > _LONGEST_HEADERS:
            raise RefusalError(400, f"a part with more than {_LONGEST_HEADERS} bytes of headers")

    def header_end() -> None:
        part.headers[part.name] = part.value
        part.name = part.value = ""

    def content(data: bytes, start: int, end: int) -> None:
        part.content.append(data[start:end])

    def finish() -> None:
        _, options = parse_options_header(part.headers.get("content-disposition", ""))
        content = b"".join(part.content)
        if b"filename" in options or part.headers.get("content-type", "").startswith("image/"):
            if len(photos) == limits.photos:
                raise RefusalError(413, f"more than {limits.photos} photos; send fewer at a time")
            photos.append(Upload(_name(options.get(b"filename", b""), len(photos) + 1), content))
        elif len(fields) == _MOST_FIELDS or len(content) > _LONGEST_FIELD:
            raise RefusalError(400, "a form field that is no photo and too long, or too many of them; name files")
        else:
            fields[options.get(b"name", b"").decode("utf-8", "replace")] = content.decode("utf-8", "replace")

    def end() -> None:
        nonlocal ended
        ended = True

    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": begin,
                "on_header_field": header_name,
                "on_header_value": header_value,
                "on_header_end": header_end,
                "on_part_data": content,
                "on_part_end": finish,
                "on_end": end,
            },
        )
        parser.write(body)
        parser.finalize()
    except (MultipartParseError, ValueError) as error:
        raise RefusalError(400, f"not valid multipart/form-data ({error})") from error
    if not ended:
        raise RefusalError(400, "not valid multipart/form-data: cut short")
    if not photos:
        raise RefusalError(400, "a form without a photo; send each as a file: `curl -F photo=@a.jpg`")
    return Form(photos, fields, several=True)


def _name(filename: bytes, number: int) -> str:
    """Return a photo's own name, without folders, or one by its place in the form."""
    name = filename.decode("utf-8", "replace").replace("\\", "/").rsplit("/", 1)[-1]
    return name[:_LONGEST_NAME] or f"photo-{number}"
