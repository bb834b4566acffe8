"""What one connection, and all of them together, may cost before anybody has shown a key: uvicorn's own class with limits.

uvicorn takes headers of any size and waits for them for ever. `python -m serve` and `abonement serve` use this class;
`uvicorn serve:app` does with `--http engine.serving.http.connection_limits:LimitedConnection --ws none`.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD_BYTES = 16_384
# A body of the largest size that comes in small chunks, with their lengths and trailers.
_LARGEST_MESSAGE_BYTES = 1_048_576
SLOWEST_HEAD_SECONDS = 10.0
# Below the 1,024 files that a process may have open where nobody says otherwise.
MOST_CONNECTIONS = 900
_TOO_LARGE = HTTPStatus(413)  # has another name from Python 3.13 on


class _HeadTooLarge(Exception):
    """The request line and the headers are more than a request of ours ever needs."""


class LimitedConnection(HttpToolsProtocol):
    """One connection: its headers are small and come soon, and there is not one too many beside it."""

    _begun = False  # a request whose headers are not whole yet
    _head_bytes = 0  # of them, those that are
    _message_bytes = 0  # as they came, of the request or of what stands before it
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Take a connection, or answer 503 where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._end_with(HTTPStatus.SERVICE_UNAVAILABLE, b"retry-after: 1\r\n")
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; a request that is too large is answered 431, or 413 where its headers are whole."""
        self._message_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._begun and self._message_bytes > LARGEST_HEAD_BYTES:
            self._end_with(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._message_bytes > _LARGEST_MESSAGE_BYTES:
            self._end_with(_TOO_LARGE)
        elif (self._begun or self._is_idle()) and self._deadline is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._begun, self._head_bytes = True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the request line."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer."""
        self._count(name, value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let the request go on to the app."""
        self._begun = False
        self._head_came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request."""
        self._message_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be parsed, and what was not parsed any further."""
        if self._head_bytes > LARGEST_HEAD_BYTES:
            self._end_with(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _count(self, *parts: bytes) -> None:
        self._head_bytes += sum(len(part) for part in parts)
        if self._head_bytes > LARGEST_HEAD_BYTES:
            raise _HeadTooLarge

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(SLOWEST_HEAD_SECONDS, self._give_up)

    def _head_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._is_idle():  # the answer to the request before is still under way
            self._await_head()
        elif not self.transport.is_closing():
            self._end_with(HTTPStatus.REQUEST_TIMEOUT)

    def _end_with(self, status: HTTPStatus, header: bytes = b"") -> None:
        """Answer without a body and hang up, unless an answer to this request has begun: then only hang up."""
        if self._is_idle() or self._begun:
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
            self.transport.write(line + header + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self._head_came()
        self.transport.close()
