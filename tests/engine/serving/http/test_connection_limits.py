import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn

from engine.serving.app import SERVED_WITH, create_app
from engine.serving.http.connection_limits import LimitedConnection
from engine.settings import Settings

Port = int
LIVE = b"GET /health/live HTTP/1.1\r\nhost: shop.test\r\n"
LIMITS = "engine.serving.http.connection_limits"


def serving(workspace: Path, ask: Callable[[Port], Awaitable[bytes]]) -> bytes:
    """What a client hears of a real server on loopback, which is served as `abonement serve` does."""
    app = create_app(Settings(workspace=workspace, clock="system"))

    async def both() -> bytes:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", **SERVED_WITH))
        running = asyncio.create_task(server.serve([listening]))
        try:
            return await asyncio.wait_for(ask(listening.getsockname()[1]), 20)
        finally:
            server.should_exit = True
            await running

    return asyncio.run(both())


async def told(port: Port, *parts: bytes) -> bytes:
    """Send until the server hangs up or all is sent, and return everything that it says until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
    except ConnectionError:
        pass  # it hung up while we were sending; what it said before is still there to read
    try:
        return await reader.read()
    except ConnectionError:
        return b"hung up"
    finally:
        writer.close()


def status(said: bytes) -> bytes:
    return said.split(b" ")[1] if said.startswith(b"HTTP/1.1 ") else said


def test_a_request_within_all_limits_is_answered(tmp_path: Path) -> None:
    whole = LIVE + b"x-note: " + b"a" * 16_000 + b"\r\nconnection: close\r\n\r\n"
    assert status(serving(tmp_path, lambda port: told(port, whole))) == b"200"


@pytest.mark.parametrize(
    "head",
    [
        LIVE + b"x-note: " + b"a" * 40_000,  # a header without an end
        LIVE + b"x-note: " + b"a" * 20_000 + b"\r\n\r\n",
        LIVE + b"x-note: a\r\n" * 3_000 + b"\r\n",
        b"GET /" + b"a" * 40_000,
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nhost: shop.test\r\n\r\n",
    ],
    ids=["one-without-end", "one-large", "many", "path-without-end", "path"],
)
def test_headers_that_are_too_large_are_refused_and_not_kept(tmp_path: Path, head: bytes) -> None:
    assert status(serving(tmp_path, lambda port: told(port, head))) in {b"431", b"hung up"}


def test_headers_of_a_hundred_megabytes_are_not_even_received(tmp_path: Path) -> None:
    sent = 0

    async def flood(port: Port) -> bytes:
        nonlocal sent
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LIVE + b"x-note: ")
        try:
            while sent < 100_000_000:
                writer.write(b"a" * 100_000)
                await writer.drain()
                sent += 100_000
        except ConnectionError:
            return b"hung up"
        return await reader.read()

    assert serving(tmp_path, flood) == b"hung up"
    assert sent < 20_000_000  # what the kernel's buffers hold


def test_trailers_without_end_are_cut(tmp_path: Path) -> None:
    head = (
        b"POST /v1/tokens HTTP/1.1\r\nhost: shop.test\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    )
    parts = [head, *[b"x-note: " + b"a" * 1_000 + b"\r\n"] * 3_000]
    assert status(serving(tmp_path, lambda port: told(port, *parts))) in {b"431", b"413", b"hung up"}


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /hea", LIVE, LIVE + b"\r\n" + b"GET /health/live HTTP/1.1\r\n", b"\r\n"],
    ids=["nothing", "half-a-line", "half-the-headers", "half-the-second-request", "an-empty-line"],
)
def test_headers_that_do_not_arrive_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(f"{LIMITS}.SLOWEST_HEAD_SECONDS", 0.2)
    said = serving(tmp_path, lambda port: told(port, sent))
    assert said.endswith(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")


def test_one_connection_too_many_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{LIMITS}.MOST_CONNECTIONS", 3)

    async def crowd(port: Port) -> bytes:
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _, writer in waiting:
            writer.write(LIVE)
        refused = await told(port)
        waiting[0][1].close()
        await waiting[1][0].read(0)
        for _, writer in waiting:
            writer.close()
        return refused

    said = serving(tmp_path, crowd)
    assert (status(said), b"retry-after: 1" in said) == (b"503", True)


def test_nobody_is_upgraded_to_another_protocol(tmp_path: Path) -> None:
    asked = LIVE + b"upgrade: websocket\r\nconnection: upgrade, close\r\nsec-websocket-version: 13\r\n\r\n"
    assert status(serving(tmp_path, lambda port: told(port, asked))) in {b"200", b"400"}


def test_uvicorn_takes_the_limits_by_the_name_that_the_docs_give_them(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "operate.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"--http (\S+) --ws none", page)
    config = uvicorn.Config(create_app(Settings(workspace=tmp_path, clock="system")), http=named)
    config.load()
    assert config.http_protocol_class is LimitedConnection
