"""What is wrong with a programme file, in the owner's words.

The validator's findings become one sentence each: the key, the value that came, what is allowed, what to do.
"""

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, model: type[BaseModel], source: str, what: str = "the programme") -> str:
    """Return every finding on its own line, under the file's name; `what` the file is."""
    found = [one for one in error.errors() if not _is_told_within(one, error.errors())]
    findings = list(dict.fromkeys(_sentence(one, model, what) for one in found))
    return "\n".join([f"{source} is refused:", *(f"  {finding}" for finding in findings)])


def _is_told_within(found: Any, among: list[Any]) -> bool:
    """A list of sections is called too short where one of them is wrong: what is wrong in it says more."""
    loc = found["loc"]
    return any(len(one["loc"]) > len(loc) and one["loc"][: len(loc)] == loc for one in among)


def _sentence(found: Any, model: type[BaseModel], what: str) -> str:
    path = tuple(part for part in found["loc"] if isinstance(part, str))
    key = ".".join(path) or what
    if found["type"] == "value_error":
        return str(found["ctx"]["error"]).replace("\n", "\n  ")
    if found["type"] == "extra_forbidden":
        return _unknown(key, path, model, what)
    allowed = _allowed(path, model)
    if found["type"] == "missing":
        return f"{key} is required and has no default: expected {allowed}; decide and add it."
    return f"{key} = {found['input']!r}: expected {allowed}; correct the value."


def _unknown(key: str, path: tuple[str, ...], model: type[BaseModel], what: str) -> str:
    section = _model_at(path[:-1], model)
    known = sorted(section.model_fields) if section else []
    near = difflib.get_close_matches(path[-1], known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}."
    return f"{key} is not a key of {what} and would do nothing: remove it; {hint}"


def _allowed(path: tuple[str, ...], model: type[BaseModel]) -> str:
    """The description of the nearest enclosing key that has one."""
    for length in range(len(path), 0, -1):
        section = _model_at(path[: length - 1], model)
        field = section.model_fields.get(path[length - 1]) if section else None
        if field is not None and field.description:
            return field.description
        within = None if field is None else _section_of(field.annotation)
        if within is not None:
            return f"a section with the keys {', '.join(within.model_fields)}"
    return "a table of keys"


def _model_at(path: tuple[str, ...], model: type[BaseModel]) -> type[BaseModel] | None:
    current = model
    for part in path:
        field = current.model_fields.get(part)
        within = _section_of(field.annotation) if field else None
        if within is None:
            return None
        current = within
    return current


def _section_of(kind: object) -> type[BaseModel] | None:
    """The section that a key holds, also one that may be left out, or of a list of sections one."""
    for one in get_args(kind) or (kind,):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None
