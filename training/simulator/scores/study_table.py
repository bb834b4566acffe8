"""Policies over several worlds and seeds as a table for a terminal."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from models.ground.currencies import minor_digits
from models.running.terminal import number_of
from training.evaluation.bootstrap import Interval
from training.simulator.scores.doubts import doubts
from training.simulator.scores.over_seeds import OverSeeds

# Fewer seeds make no interval worth quoting.
ENOUGH_SEEDS = 10
_WIDTH = 150
_MEASURES = (
    "gain a customer",
    "discount",
    "bought anyway",
    "offers used",
    "visits",
    "retained",
    "over budget",
)
_REGRET = "best known gains more"


@dataclass(frozen=True)
class StudyRow:
    """A policy in a world, and what the best known one gains more (None where that is not known)."""

    world: str
    policy: str
    currency: str
    scores: OverSeeds
    regret: Interval | None = None


def table(rows: Sequence[StudyRow], title: str) -> str:
    """Draw the rows, world by world as they come, the best gain of each world first; and what is to be said of them."""
    drawn = Table(title=title, title_justify="left")
    drawn.add_column("world")
    drawn.add_column("policy")
    heads = measures(rows)
    for name in heads:
        drawn.add_column(name, justify="right")
    for world, mine in by_world(rows).items():
        for place, row in enumerate(mine):
            drawn.add_row(
                world if place == 0 else "",
                row.policy,
                *cells(row)[: len(heads)],
                end_section=place == len(mine) - 1,
            )
    text = io.StringIO()
    Console(file=text, width=_WIDTH + 30 * (len(heads) > len(_MEASURES)), no_color=True).print(drawn)
    return "\n".join([*(line.rstrip() for line in text.getvalue().splitlines()), *remarks(rows)])


def measures(rows: Sequence[StudyRow]) -> tuple[str, ...]:
    """What is shown of each row; what the best known gains more only where that was lived."""
    return (*_MEASURES, _REGRET) if any(row.regret is not None for row in rows) else _MEASURES


def by_world(rows: Sequence[StudyRow]) -> dict[str, list[StudyRow]]:
    """Rows of each world, best gain first."""
    worlds = dict.fromkeys(row.world for row in rows)
    return {
        world: sorted((row for row in rows if row.world == world), key=lambda row: -row.scores.gain.value)
        for world in worlds
    }


def remarks(rows: Sequence[StudyRow]) -> list[str]:
    """What speaks against policies, and against the intervals where seeds were few."""
    fewest = min((row.scores.seeds for row in rows), default=ENOUGH_SEEDS)
    few = (
        f"Of {number_of(fewest, 'seed')} the interval is too narrow to be relied on, as shops differ more than a few of them "
        f"show: live {ENOUGH_SEEDS} or more."
    )
    return [
        *(
            f"In {row.world} {row.policy} {_listed(found)}."
            for row in rows
            if (found := doubts(row.scores, row.regret))
        ),
        *([few] if fewest < ENOUGH_SEEDS else []),
    ]


def _listed(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def cells(row: StudyRow) -> list[str]:
    """A row in words, in the order of its measures."""
    scores, unit = row.scores, 10 ** minor_digits(row.currency)
    return [
        money_range(scores.gain, row.currency),
        f"{scores.discount / unit:.2f}",
        _percent(scores.anyway, 0),
        _percent(scores.used, 1),
        f"{scores.visits.value:+.2f}",
        f"{100 * scores.retained.value + 0.0:+.1f} %",
        _percent(scores.budget_error, 0, sign="+"),
        "" if row.regret is None else money_range(row.regret, row.currency),
    ]


def money_range(found: Interval, currency: str) -> str:
    """An amount of minor units with its interval, in units of the currency."""
    unit = 10 ** minor_digits(currency)
    value, low, high = (round(end / unit, 2) + 0.0 for end in (found.value, found.low, found.high))
    return f"{value:+.2f}" if np.isnan(low) else f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"


def _percent(share: float | None, digits: int, sign: str = "") -> str:
    return "none" if share is None else f"{100 * share:{sign}.{digits}f} %"
