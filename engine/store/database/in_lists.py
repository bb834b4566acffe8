"""Many values of one question, in parts that every driver takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value", int, str)
LONGEST = 500  # values of one IN list: below every driver's limit of parameters


def in_lists(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The values in their order, at most LONGEST at a time."""
    for start in range(0, len(values), LONGEST):
        yield values[start : start + LONGEST]
