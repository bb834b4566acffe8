"""Bodies that two readers could read differently: a key given twice, or JSON in another encoding than UTF-8.

What stands in front of the server (a gateway, a filter, a till's own proxy) may take the first of two values where we
take the last, or see no JSON at all. Such a body is refused, whichever of the two was meant.
"""

import json
from typing import Any


class _Twice(Exception):
    """An object names a key twice."""


def can_be_read_otherwise(body: bytes) -> bool:
    """Whether another reader could understand something else; what is no JSON at all is for its route to refuse."""
    if b"\0" in body:  # JSON in UTF-16 or UTF-32
        return True
    try:
        json.loads(body.decode("utf-8-sig"), object_pairs_hook=_each_once)
    except (_Twice, UnicodeDecodeError):
        return True
    except (ValueError, RecursionError):
        return False
    return False


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice
    return made
