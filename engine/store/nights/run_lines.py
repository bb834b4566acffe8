"""Every run as a line of a list: the few figures of its manifest that a list shows, without parsing all manifests each time.

A manifest has some 25 kilobytes, and a shop three hundred nights a year. What was read of one is kept by the hash of its text, so that one
that was rewritten after an erasure is read again.
"""

import json
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from engine.store.database.store import Store
from engine.store.schema import runs

_MOST_KEPT = 10_000


class RunLine(NamedTuple):
    """A run; what its manifest does not say is None."""

    run_id: str
    night: date
    state: str
    currency: str
    is_current: bool
    was_published: bool
    bundles: int
    offers: int
    customers: int | None
    planned_milli: int | None
    model: str | None
    programme: str | None  # fingerprint of the rules


_Figures = tuple[int | None, int | None, str | None, str | None]
_known: dict[int, _Figures] = {}


def run_lines(store: Store) -> tuple[RunLine, ...]:
    """All runs in the order in which they began. Raises StoreUnreachable."""
    query = select(
        runs.c.run_id,
        runs.c.night,
        runs.c.state,
        runs.c.currency,
        runs.c.publish_no,
        runs.c.bundles,
        runs.c.offers,
        runs.c.manifest,
    ).order_by(runs.c.run_no)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    current = max(
        (row.publish_no for row in rows if row.publish_no and row.state == "published"), default=None
    )
    return tuple(
        RunLine(
            row.run_id,
            row.night,
            row.state,
            row.currency,
            current is not None and row.publish_no == current,
            row.publish_no is not None,
            row.bundles,
            row.offers,
            *_figures(row.manifest),
        )
        for row in rows
    )


def _figures(text: str) -> _Figures:
    key = hash(text)
    found = _known.get(key)
    if found is None:
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        manifest: dict[str, Any] = json.loads(text)
        found = _known[key] = (
            manifest.get("result", {}).get("customers"),
            manifest.get("budget", {}).get("planned_milli"),
            manifest.get("model"),
            manifest.get("programme"),
        )
    return found
