"""Where each rule of a programme comes from: a line of its file, a preset, or what is built in; and how two programmes differ."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.domain.legal_age import LEGAL_AGES
from engine.programme.presets import completed, preset_of
from engine.programme.programme import Programme
from engine.programme.rules_in_words import RuleInWords, rules_in_words
from engine.programme.toml_writing import Key, flat
from models.ground.toml_text import parse_toml

BUILT_IN, BEFORE = "built in", "of a file that is older than this key"
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


class RuleFrom(NamedTuple):
    """A rule that counts."""

    key: Key
    value: Any
    origin: str


class KeyDiffers(NamedTuple):
    """A key with its values in two programmes; None where one has none."""

    key: str
    before: Any
    after: Any


class SentenceDiffers(NamedTuple):
    """What two programmes say of one thing; None where one says nothing."""

    about: str
    topic: str
    before: str | None
    after: str | None


def effective_rules(rules: Programme) -> dict[str, Any]:
    """All rules as plain tables, those that are built in with them; what is not there is left out."""
    tables: dict[str, Any] = rules.model_dump(mode="json", exclude_none=True)
    tables["eligibility"]["legal_age"] = {**LEGAL_AGES, **tables["eligibility"].get("legal_age", {})}
    return tables | {"day_starts_at": rules.day_starts_at.isoformat("minutes")}


def rules_from(rules: Programme, text: str, source: str) -> tuple[RuleFrom, ...]:
    """Every rule that counts, with its origin; `source` is what the text's file is called."""
    said, lines = parse_toml(text), lines_of(text)
    written, whole = dict(flat(said)), dict(flat(completed(said)))

    def origin(key: Key) -> str:
        if key in written:
            line = next((lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in lines), None)
            return source if line is None else f"{source}:{line}"
        preset = preset_of(text, key)
        if preset is not None:
            return f"preset {preset}"
        return BEFORE if key in whole else BUILT_IN

    return tuple(RuleFrom(key, value, origin(key)) for key, value in flat(effective_rules(rules)))


def lines_of(text: str) -> dict[Key, int]:
    """On which line of a TOML text each section and key is said, from 1."""
    found: dict[Key, int] = {}
    section: Key = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            section = _parts(header[1])
            found.setdefault(section, number)
        elif key:
            found.setdefault((*section, *_parts(key[1])), number)
    return found


def _parts(dotted: str) -> Key:
    """The parts of a dotted key, read as TOML does."""

    def within(table: Mapping[str, Any]) -> Iterator[str]:
        for name, value in table.items():
            yield name
            if isinstance(value, Mapping):
                yield from within(value)

    try:
        return tuple(within(tomllib.loads(f"{dotted} = 1")))
    except tomllib.TOMLDecodeError:  # a line of a longer text that only looks like a key
        return (dotted,)


def keys_that_differ(before: Programme, after: Programme) -> tuple[KeyDiffers, ...]:
    """Keys with another value, in the order of the file."""
    one, other = (dict(flat(effective_rules(rules))) for rules in (before, after))
    return tuple(
        KeyDiffers(".".join(key), one.get(key), other.get(key))
        for key in dict.fromkeys((*one, *other))
        if one.get(key) != other.get(key)
    )


def sentences_that_differ(
    before: Programme, after: Programme, currency: str = ""
) -> tuple[SentenceDiffers, ...]:
    """What is said otherwise of either programme."""
    one, other = (
        {(told.about, told.topic): told for told in rules_in_words(rules, currency)}
        for rules in (before, after)
    )

    def said(told: RuleInWords | None) -> str | None:
        return None if told is None else told.sentence

    return tuple(
        SentenceDiffers(*key, said(one.get(key)), said(other.get(key)))
        for key in dict.fromkeys((*one, *other))
        if said(one.get(key)) != said(other.get(key))
    )
