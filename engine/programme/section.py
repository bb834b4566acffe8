"""What every section of the programme shares: frozen, strict, without room for unknown keys."""

from datetime import time

from pydantic import BaseModel, BeforeValidator, ConfigDict

from engine.domain.budget import BudgetPeriod
from engine.domain.eligibility import Consent


class Section(BaseModel):
    """A section of the file: frozen, strict, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


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
