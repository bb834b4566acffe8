"""Answering a read with an ETag, and with 304 where the asker has it already."""

import hashlib
from typing import Any

from fastapi import Request, Response

# 64 bits tell apart the few bodies that one resource ever has.
_ETAG_BYTES = 8
CACHE = "private, no-cache"  # keep it, and ask with If-None-Match before showing it again
ETAG_HEADER: dict[str, Any] = {
    "ETag": {"description": "Fingerprint of the body for If-None-Match.", "schema": {"type": "string"}}
}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing has changed since the ETag in If-None-Match.", "headers": ETAG_HEADER}
}


def etag_of(body: bytes) -> str:
    """Return a body's fingerprint, quoted as HTTP wants it."""
    return f'"{hashlib.blake2b(body, digest_size=_ETAG_BYTES).hexdigest()}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """True if the header If-None-Match names the ETag, weakly or not, or says that any will do."""
    if if_none_match is None:
        return False
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag in known or "*" in known


def answer(request: Request, body: bytes) -> Response:
    """Return a JSON body with its ETag, or 304 without it."""
    etag = etag_of(body)
    headers = {"ETag": etag, "Cache-Control": CACHE}
    if is_known(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
