"""TOML as somebody sent it: a table, or one kind of error whatever is wrong with it."""

import tomllib
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML; `tomllib` lets a nesting or a number that Python refuses through as errors of other kinds.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML, or none that can be held.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("Nested too deeply") from None
    except ValueError:
        raise tomllib.TOMLDecodeError("A number has too many digits") from None
