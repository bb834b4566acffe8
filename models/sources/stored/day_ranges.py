"""Days in words: "2024-03-01 to 2024-03-04, 2024-03-06", and which of them are missing."""

from collections.abc import Iterable
from datetime import date, timedelta

SPANS_SHOWN = 8


def in_words(days: Iterable[str]) -> str:
    """ISO days as spans, "none" for none; a long list is cut off with the number of days left out."""
    spans: list[list[date]] = []
    for day in sorted(map(date.fromisoformat, days)):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    shown = [f"{a}" if a == b else f"{a} to {b}" for a, b in spans[:SPANS_SHOWN]]
    left = sum((b - a).days + 1 for a, b in spans[SPANS_SHOWN:])
    return ", ".join([*shown, *([f"and {left} more days"] if left else [])]) or "none"
