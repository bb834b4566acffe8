"""Policies over several worlds and seeds as a table for a terminal."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from models.ground.currencies import minor_digits
from training.evaluation.bootstrap import Interval
from training.simulator.scores.doubts import doubts
from training.simulator.scores.over_seeds import OverSeeds

_WIDTH = 150


@dataclass(frozen=True)
class StudyRow:
    """A policy in a world, and what the best known one gains more (None where that is not known)."""

    world: str
    policy: str
    currency: str
    scores: OverSeeds
    regret: Interval | None = None


def table(rows: Sequence[StudyRow], title: str) -> str:
    """Draw the rows, world by world as they come, the best gain of each world first."""
    with_regret = any(row.regret is not None for row in rows)
    drawn = Table(title=title, title_justify="left")
    drawn.add_column("world")
    drawn.add_column("policy")
    for name in (
        "gain a customer",
        "discount",
        "bought anyway",
        "offers used",
        "visits",
        "retained",
        "over budget",
    ):
        drawn.add_column(name, justify="right")
    if with_regret:
        drawn.add_column("best known gains more", justify="right")
    worlds = list(dict.fromkeys(row.world for row in rows))
    for world in worlds:
        mine = sorted((row for row in rows if row.world == world), key=lambda row: -row.scores.gain.value)
        for place, row in enumerate(mine):
            cells = _cells(row)
            if with_regret:
                cells.append("" if row.regret is None else _money_range(row.regret, row.currency))
            drawn.add_row(world if place == 0 else "", row.policy, *cells, end_section=place == len(mine) - 1)
    text = io.StringIO()
    Console(file=text, width=_WIDTH + 30 * with_regret, no_color=True).print(drawn)
    against = [
        f"In {row.world} {row.policy} {_listed(found)}."
        for row in rows
        if (found := doubts(row.scores, row.regret))
    ]
    return "\n".join([*(line.rstrip() for line in text.getvalue().splitlines()), *against])


def _listed(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _cells(row: StudyRow) -> list[str]:
    scores, unit = row.scores, 10 ** minor_digits(row.currency)
    return [
        _money_range(scores.gain, row.currency),
        f"{scores.discount / unit:.2f}",
        _percent(scores.anyway, 0),
        _percent(scores.used, 1),
        f"{scores.visits.value:+.2f}",
        f"{100 * scores.retained.value + 0.0:+.1f} %",
        _percent(scores.budget_error, 0, sign="+"),
    ]


def _money_range(found: Interval, currency: str) -> str:
    unit = 10 ** minor_digits(currency)
    value, low, high = (end / unit + 0.0 for end in (found.value, found.low, found.high))
    return f"{value:+.2f}" if np.isnan(low) else f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"


def _percent(share: float | None, digits: int, sign: str = "") -> str:
    return "none" if share is None else f"{100 * share:{sign}.{digits}f} %"
