"""What every section of the programme shares: frozen, strict, without room for unknown keys."""

from collections.abc import Iterator
from datetime import time
from typing import Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, model_validator

from engine.domain.budget import BudgetPeriod
from engine.domain.eligibility import Consent

# The context in which rules are read that a night has kept: they were possible then, whatever is refused together since.
KEPT = {"rules": "kept"}


class Section(BaseModel):
    """A section of the file: frozen, strict, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @model_validator(mode="after")
    def _possible(self, info: ValidationInfo) -> Self:
        reasons = [] if info.context == KEPT else list(self._impossibilities())
        if reasons:
            raise ValueError("\n".join(reasons))
        return self

    def _impossibilities(self) -> Iterator[str]:
        """What cannot be between keys that are each possible, a sentence each."""
        yield from ()


def time_of_day(value: object) -> object:
    """A local time written "HH:MM"; anything else is left for the check to refuse."""
    if not isinstance(value, str):
        return value
    try:
        parsed = time.fromisoformat(value)
    except ValueError:
        return value
    return parsed if parsed.tzinfo is None else value


def as_tuple(value: object) -> object:
    """A TOML list as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def member(kind: type[Consent] | type[BudgetPeriod]) -> BeforeValidator:
    """The member of an enumeration that a value names."""
    return BeforeValidator(lambda value: kind(value) if value in list(kind) else value)
