"""The service with more to do than it can: batches, the queue, clients that hang or go, and its end."""

from __future__ import annotations

import io
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.serve import connection
from lpr.serve.limits import Limits
from tests.serve.running import PATIENCE, Command, ask, command, counter, form, held


def small() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48)).save(stream, "JPEG")
    return stream.getvalue()


def wait_for(port: int, line: str, value: float) -> None:
    """Ask /metrics until a counter has a value; the test's own time limit ends what never comes."""
    while counter(port, line) != value:
        pass


def test_requests_that_wait_are_read_together() -> None:
    with held(Limits(queue=64)) as (port, reader), ThreadPoolExecutor(24) as pool:
        first = pool.submit(ask, port, "POST", "/v1/read", small())
        assert reader.called.acquire(timeout=PATIENCE)
        others = [pool.submit(ask, port, "POST", "/v1/read", small()) for _ in range(20)]
        wait_for(port, "lpr_queue_photos", 21)
        reader.let_go.set()
        assert [answer.result().status for answer in [first, *others]] == [200] * 21
    assert reader.batches[0] == 1 and sum(reader.batches) == 21
    assert max(reader.batches) > 1 and max(reader.batches) <= 16


def test_a_full_queue_says_when_to_come_again() -> None:
    body, headers = form(("a.jpg", small()), ("b.jpg", small()))
    with held(Limits(queue=3, photos=2)) as (port, reader), ThreadPoolExecutor(4) as pool:
        taken = [pool.submit(ask, port, "POST", "/v1/read", small()) for _ in range(2)]
        wait_for(port, "lpr_queue_photos", 2)
        refused = ask(port, "POST", "/v1/read", body, headers)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert ask(port, "GET", "/ready").status == 200
        taken.append(pool.submit(ask, port, "POST", "/v1/read", small()))
        wait_for(port, "lpr_queue_photos", 3)
        assert ask(port, "GET", "/ready").status == 503 and ask(port, "GET", "/health").status == 200
        reader.let_go.set()
        assert [answer.result().status for answer in taken] == [200] * 3
        assert ask(port, "GET", "/ready").status == 200
        assert ask(port, "POST", "/v1/read", body, headers).status == 200


def test_a_client_that_goes_is_not_read_for() -> None:
    with held(Limits()) as (port, reader), ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, port, "POST", "/v1/read", small())
        assert reader.called.acquire(timeout=PATIENCE)
        photo = small()
        with socket.create_connection(("127.0.0.1", port)) as gone:
            head = f"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: {len(photo)}\r\n\r\n"
            gone.sendall(head.encode() + photo)
            wait_for(port, "lpr_queue_photos", 2)
        wait_for(port, 'lpr_photos_total{outcome="cancelled"}', 1)
        assert counter(port, "lpr_queue_photos") == 1
        reader.let_go.set()
        assert first.result().status == 200
    assert reader.batches == [1]


def test_bodies_that_do_not_come_and_answers_that_take_long() -> None:
    with held(Limits(seconds=1)) as (port, _):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as slow:
            slow.sendall(b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n\xff\xd8")
            assert slow.recv(1000).startswith(b"HTTP/1.1 408 ")
        late = ask(port, "POST", "/v1/read", small())
        assert late.status == 503 and "within 1 seconds" in late.json["error"]
        assert counter(port, "lpr_queue_photos") == 0


def test_connections_that_ask_for_nothing_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.2)
    with held(Limits()) as (port, _):
        for sent in (b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /hea"):
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as hung:
                hung.sendall(sent)
                while hung.recv(1000):
                    pass


def test_many_large_bodies_at_once_are_bounded() -> None:
    with held(Limits(megabytes=1)) as (port, _):
        connections = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(9)]
        for sender in connections:
            sender.sendall(b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(990_000))
        # Eight fit with what they have declared; the ninth is told to come again.
        assert ask(port, "GET", "/health").status == 200
        wait_for(port, 'lpr_requests_total{path="/v1/read",status="503"}', 1)
        for sender in connections:
            sender.close()


def test_sigterm_finishes_what_is_in_hand(photos: list[bytes]) -> None:
    with command() as running, socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as client:
        head = f"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: {len(photos[0])}\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")  # it is in hand now
        running.process.send_signal(signal.SIGTERM)
        client.sendall(photos[0])
        received = b""
        while block := client.recv(1 << 16):
            received += block
        assert received.startswith(b"HTTP/1.1 200 ") and b'"text":' in received
        assert running.process.wait(PATIENCE) == 0


def test_limits_that_make_no_sense() -> None:
    with pytest.raises(LprError, match="--max-photos is 0: at least 1"):
        Limits(photos=0)
    with pytest.raises(LprError, match="--max-queue is 4: at least --max-photos, 16"):
        Limits(queue=4)


def test_an_address_that_is_taken(service: Command) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "lpr", "serve", "--port", str(service.port)], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stderr.startswith(f"error: 127.0.0.1:{service.port}: cannot listen there")
