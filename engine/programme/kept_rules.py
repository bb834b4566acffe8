"""Rules that a night has published or kept, read by whichever release: they were possible then, so they are never refused.

What a later or an earlier release wrote may lack a key, have one too many, or a value that is out of bounds by now. Such a key
counts as the classic subscription has it, one that nobody knows is left out, and everything else as it was promised.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pydantic import ValidationError

from engine.domain.offer_errors import BadProgramme
from engine.programme.presets import CLASSIC, effective_tables, preset_text
from engine.programme.programme import Programme
from engine.programme.section import KEPT
from engine.programme.what_is_wrong import explain
from models.ground.toml_text import parse_toml

# Each round mends all that one look finds; a section within a section needs another look.
_ROUNDS = 5


@dataclass(frozen=True)
class KeptRules:
    """The rules, and the dotted keys that count otherwise than they are written, in the order of the file's sections."""

    programme: Programme
    otherwise: tuple[str, ...] = ()


def kept_rules(text: str, source: str) -> KeptRules:
    """Read rules that were possible when they were kept; `source` names them in messages.

    Raises:
        BadProgramme: the text is no programme at all.
    """
    try:
        tables = effective_tables(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProgramme(f"{source} is not TOML: {error}. Correct that place.") from error
    otherwise: list[str] = []
    for _ in range(_ROUNDS):
        try:
            return KeptRules(Programme.model_validate(tables, context=KEPT), tuple(dict.fromkeys(otherwise)))
        except ValidationError as error:
            last = error
            for found in error.errors():
                path = tuple(part for part in found["loc"] if isinstance(part, str))
                _mend(tables, path)
                otherwise.append(".".join(path))
    raise BadProgramme(explain(last, Programme, source))


def _mend(tables: dict[str, Any], path: tuple[str, ...]) -> None:
    """Put what the classic subscription says in the place of a key, or take away what it does not say."""
    if not path:
        return
    section: Any = tables
    for part in path[:-1]:
        section = section.get(part) if isinstance(section, dict) else None
    usual = _classic(path)
    if usual is None and path[-1] not in (section or {}):
        _mend(tables, path[:-1])  # a section that lacks what nobody can say for it goes
    elif isinstance(section, dict):
        if usual is None:
            section.pop(path[-1])
        else:
            section[path[-1]] = usual


def _classic(path: tuple[str, ...]) -> Any:
    def within(tables: Any, part: str) -> Any:
        return tables.get(part) if isinstance(tables, Mapping) else None

    return reduce(within, path, parse_toml(preset_text(CLASSIC)))
