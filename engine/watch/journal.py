"""The night's log: JSON lines on standard error, one for each stage, check and end, without customer data.

What is written is counts, names of stages and checks, and names of runs and versions. The sentence of an error is
not: it may quote a row of a shop's file; it goes to the person at the terminal, the log gets its kind.
"""

import sys
from typing import Any, Protocol, TextIO

import structlog


class Journal(Protocol):
    """Takes events with their facts."""

    def info(self, event: str, **facts: Any) -> object:
        """Write one line."""


class SilentJournal:
    """Writes nothing: the terminal has its progress bar and summary."""

    def info(self, event: str, **facts: Any) -> None:
        """Write nothing."""


def json_journal(stream: TextIO | None = None) -> Journal:
    """A journal that writes one JSON object a line, with UTC time and level, to standard error."""
    journal: Journal = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.BoundLogger,
    )
    return journal
