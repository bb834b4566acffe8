"""Tables of rules as TOML, and as dotted keys."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from typing import Any

Key = tuple[str, ...]


def flat(tables: Mapping[str, Any], within: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Each key with its value, those of a section after its own; an empty section is a key of its own."""
    for name, value in tables.items():
        if not isinstance(value, Mapping):
            yield (*within, name), value
    for name, value in tables.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, (*within, name))
        elif isinstance(value, Mapping):
            yield (*within, name), value


def value_text(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_text(name)} = {value_text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return value.isoformat() if isinstance(value, date | time) else repr(value)


def key_text(name: str) -> str:
    """A key as TOML writes it, in quotes where it is not of plain letters."""
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else value_text(name)


def toml_text(tables: Mapping[str, Any], note: Callable[[Key], str] = lambda _: "") -> str:
    """The whole as TOML, sections in their order; `note` gives what stands beside a key, without the #."""
    lines: list[str] = []
    section: Key = ()
    for key, value in flat(tables):
        if key[:-1] != section:
            section = key[:-1]
            lines += ["", f"[{'.'.join(map(key_text, section))}]"]
        if isinstance(value, Mapping):
            lines += ["", f"[{'.'.join(map(key_text, key))}]"]
            section = key
            continue
        written = f"{key_text(key[-1])} = {value_text(value)}"
        beside = note(key)
        lines.append(f"{written:<45} # {beside}" if beside else written)
    return "\n".join(lines) + "\n"
