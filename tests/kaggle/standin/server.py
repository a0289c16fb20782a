"""The stand-in's HTTP side. The real client reaches it through HTTP_PROXY, as requests to http://localhost/api."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import socket
import struct
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from standin import rpcs
from standin.faults import Fault, Faults
from standin.state import State

SIGNATURE = "X-Signature=signed-url-secret-31337"


@dataclass(frozen=True)
class Asked:
    """One request: `what` is the RPC's name, GET or PUT."""

    what: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class StandIn:
    """A running stand-in on a free port. Use it as a context manager."""

    def __init__(self, port: int = 0) -> None:
        self.state = State()
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.lock = threading.RLock()
        stand_in = self

        class Handler(_Handler):
            service = stand_in

        self._server = _Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """The variables that bring the real client here."""
        return {
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "HTTP_PROXY": self.url,
            "http_proxy": self.url,
            "NO_PROXY": "",
            "no_proxy": "",
        }

    def fail(self, where: str, kind: Any, **options: Any) -> None:
        """Order a fault; see Fault."""
        self.faults.order(where, Fault(kind, **options))

    def count(self, what: str) -> int:
        """How often something was asked."""
        return sum(1 for asked in self.asked if asked.what == what)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are part of the tests."""
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    service: StandIn
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: apart they would wait 40 ms for each other on a kept connection.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        # Clients send headers and body apart, and towards a proxy they await an acknowledgement in between.
        if hasattr(socket, "TCP_QUICKACK"):
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        super().handle_one_request()

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        name = urlsplit(self.path).path.rsplit("/", 1)[-1]
        with self.service.lock:
            self.service.asked.append(Asked(name, body, dict(self.headers)))
            fault = self.service.faults.strike(name)
            if fault and fault.kind not in ("lost",):
                return self._fail(fault)
            try:
                user = None if name == "IntrospectToken" else self._user()
                answer = rpcs.answer(self.service, name, body, user)
            except rpcs.RefusedError as refused:
                return self._json({"code": refused.code, "message": str(refused)}, refused.code)
        if fault:
            return self._reset()
        if isinstance(answer, str):
            return self._send(302, b"", {"Location": answer})
        return self._json(answer)

    def do_GET(self) -> None:
        if stream := re.search(r"/api/v1/kernels/logs/stream/([\w-]+/[\w-]+)$", urlsplit(self.path).path):
            return self._stream_log(stream[1])
        match = re.match(r"/download/([\w-]+)/", urlsplit(self.path).path)
        with self.service.lock:
            self.service.asked.append(Asked("GET", {"path": self.path}, dict(self.headers)))
            fault = self.service.faults.strike("GET")
            found = self.service.state.downloads.get(match[1]) if match else None
        if fault and fault.kind != "cut":
            return self._fail(fault)
        if found is None or SIGNATURE not in self.path:
            return self._send(403, b"", {})
        content = found[1]
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        headers = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        start = 0
        wanted = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        if wanted and self.headers.get("If-Range", tag) == tag:
            start = int(wanted[1])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return self._send(206 if start else 200, content[start:], headers, fault.after if fault else None)

    def _stream_log(self, name: str) -> None:
        """A running kernel's log as server-sent events, each time from the start; a finished one's as a file."""
        with self.service.lock:
            self.service.asked.append(Asked("LOG", {"kernel": name}, dict(self.headers)))
            fault = self.service.faults.strike("LOG")
            kernel = self.service.state.kernels[name]
            events = [json.dumps({"stream_name": "stdout", "data": piece}) for piece in kernel.live]
        if fault and fault.kind == "status":
            return self._fail(fault)
        body = "".join(f"data: {event}\n\n" for event in [*events, "END_OF_LOG"]).encode()
        return self._send(200, body, {"Content-Type": "text/event-stream"}, fault.after if fault else None)

    def do_PUT(self) -> None:
        token = urlsplit(self.path).path.rsplit("/", 1)[-1]
        length = int(self.headers.get("Content-Length") or 0)
        with self.service.lock:
            self.service.asked.append(Asked("PUT", {"path": self.path}, dict(self.headers)))
            fault = self.service.faults.strike("PUT")
            upload = self.service.state.uploads.get(token)
        if fault and fault.kind == "status":
            self.rfile.read(length)
            return self._fail(fault)
        if fault and fault.kind == "reset":
            return self._reset()
        if upload is None or SIGNATURE not in self.path:
            self.rfile.read(length)
            return self._send(404, b"", {})
        where = re.match(r"bytes (?:(\d+)-\d+|\*)/(\d+)$", self.headers.get("Content-Range", ""))
        if where and where[1] is None:
            return self._upload_state(upload)
        start = int(where[1]) if where else 0
        if start > len(upload.received):
            self.rfile.read(length)
            return self._send(416, b"", {})
        del upload.received[start:]
        if fault and fault.kind == "cut":
            upload.received += self.rfile.read(min(length, fault.after))
            return self._reset()
        upload.received += self.rfile.read(length)
        if fault:
            return self._reset()
        return self._upload_state(upload)

    def _upload_state(self, upload: Any) -> None:
        if len(upload.received) == upload.size:
            return self._send(200, b"", {})
        headers = {"Range": f"bytes=0-{len(upload.received) - 1}"} if upload.received else {}
        return self._send(308, b"", headers)

    def _user(self) -> str | None:
        """Who asks; None is anonymous. Raises RefusedError for credentials that nobody has."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer":
            user = self.service.state.tokens.get(value)
        elif kind == "Basic":
            name, _, key = base64.b64decode(value).decode().partition(":")
            user = name if key and self.service.state.keys.get(name) == key else None
        else:
            return None
        if user is None:
            raise rpcs.RefusedError(401, "Unauthenticated")
        return user

    def _fail(self, fault: Fault) -> None:
        if fault.kind in ("reset", "cut", "lost"):
            return self._reset()
        if fault.kind == "result":
            return self._json({"status": "error", "error": fault.message})
        body = {"code": fault.status, "message": fault.message}
        return self._json(body, 200 if fault.kind == "body" else fault.status, fault.headers)

    def _json(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if cut is None else body[:cut])
            self.wfile.flush()
        if cut is not None:
            # A reset takes with it what the client has not read yet.
            time.sleep(0.1)
            self._reset()

    def _reset(self) -> None:
        """Drop the connection with a TCP reset, as a failing network does."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # The handler's file objects keep the socket open otherwise.
            self.rfile.close()
            self.connection.close()
