"""A small HTTP/1.1 client that costs a fraction of the server it measures: raw bytes over kept-alive connections.

It sends prepared requests, reads as many bytes as `Content-Length` says, and remembers status and latency. It
checks nothing else, so that the server is the bottleneck and not the client.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop


@dataclass
class Answers:
    """What came back: how many by status, and every latency in seconds."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    lost: int = 0  # connections that broke

    def percentile(self, share: float) -> float:
        """The latency below which that share of the answers lies, milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def failed(self) -> int:
        """Answers that were no success, and broken connections."""
        return self.lost + sum(count for status, count in self.statuses.items() if status >= 400)


class _Connection(asyncio.Protocol):
    """Sends one request after the other until time is up."""

    def __init__(
        self, requests: Iterator[bytes], answers: Answers, until: float, done: asyncio.Future[None]
    ) -> None:
        self._requests, self._answers, self._until, self._done = requests, answers, until, done
        self._buffer = bytearray()
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        lowered = bytes(self._buffer[:head]).lower()
        place = lowered.find(b"content-length:")
        length = 0 if place < 0 else int(lowered[place + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < head + 4 + length:
            return
        now = time.perf_counter()
        status = int(self._buffer[9:12])
        self._answers.seconds.append(now - self._sent)
        self._answers.statuses[status] = self._answers.statuses.get(status, 0) + 1
        self._buffer.clear()
        if now < self._until:
            self._next()
        else:
            self._transport.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        if time.perf_counter() < self._until:
            self._answers.lost += 1
        if not self._done.done():
            self._done.set_result(None)

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._until = 0.0
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


def ask(port: int, requests: Iterator[bytes], *, seconds: float, connections: int) -> Answers:
    """Send requests over some connections at once, each as soon as the one before is answered, for some seconds."""

    async def run() -> Answers:
        answers, until = Answers(), time.perf_counter() + seconds
        loop = asyncio.get_running_loop()
        waiting = []
        for _ in range(connections):
            done = loop.create_future()
            waiting.append(done)
            await loop.create_connection(
                lambda done=done: _Connection(requests, answers, until, done), "127.0.0.1", port
            )
        await asyncio.gather(*waiting)
        return answers

    return uvloop.run(run())


def request(
    method: str, path: str, secret: str | None = None, body: bytes | None = None, **headers: str
) -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: shop.test"]
    if secret is not None:
        lines.append(f"Authorization: Bearer {secret}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")
