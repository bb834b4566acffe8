"""What every report is made of: figures with their unit, how many customers they rest on and how sure they are.

A figure that rests on fewer than ENOUGH is made empty here and nowhere else, so that no report can show it by mistake.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from matplotlib.axes import Axes

from engine.measurement.metric_intervals import ENOUGH
from models.effects.estimate import Estimate
from models.effects.sample_means import mean_of_sums, wilson
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.moment import Moment
from models.sources import Data

LEVEL = 0.95
SHARE, COUNT, TOTAL, POINTS = "share", "customers", "total of minor units", "points"


class ShownFigure(NamedTuple):
    """One number; `value` is None where it rests on too few, `low` and `high` where it is a count or a sum."""

    value: float | None
    unit: str
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ReportLine:
    """A group of customers with its figures, in the order of the table's heads."""

    name: str
    figures: Sequence[ShownFigure]


@dataclass(frozen=True)
class ReportTable:
    """One table.

    Attributes:
        name: as files call it.
        title: as pages do.
        says: what a line is, in which unit, over which days.
        heads: of the figures; the line's own name comes first and has none.
        lines: those with a figure that may be shown.
        hidden: how many lines rest on too few customers and were left out.
    """

    name: str
    title: str
    says: str
    heads: Sequence[str]
    lines: Sequence[ReportLine]
    hidden: int = 0


class ReportPlot(NamedTuple):
    """A picture of some of the figures."""

    name: str
    title: str
    says: str
    plot: Callable[[Axes], None]
    height: float


@dataclass(frozen=True)
class ManagersReport:
    """A report as numbers and sentences, before it becomes a table, a page, JSON or a file.

    Attributes:
        name, title: what is asked.
        answer: in a sentence or two; where the shop is too small, that.
        warnings: what must not be read out of it.
        tables: in the order of reading.
        plots: pictures of them, for the page.
    """

    name: str
    title: str
    answer: str
    warnings: Sequence[str]
    tables: Sequence[ReportTable]
    plots: Sequence[ReportPlot] = ()


@dataclass(frozen=True)
class ReportedShop:
    """What reports count: the load, its items and what they earn, and whole local days `[starts, ends)`."""

    data: Data
    catalogue: Catalogue
    margins: Margins
    starts: Moment
    ends: Moment

    @property
    def days(self) -> int:
        """Length in local days."""
        return (self.ends.day - self.starts.day).days

    @property
    def first_day(self) -> date:
        """Local day of the first purchase that the load holds."""
        return Moment(self.data.first_purchased_at, self.data.timezone).day

    @property
    def time(self) -> str:
        """The period in words."""
        return f"{self.starts.day} up to {self.ends.day}, which does not count"


def share_of(hits: float, n: float) -> ShownFigure:
    """The share of n customers of whom something is so, with Wilson's interval."""
    whole = int(n)
    if whole < ENOUGH:
        return ShownFigure(None, SHARE, whole)
    value = float(hits) / whole
    return ShownFigure(value, SHARE, whole, *wilson(value, whole))


def mean_of(n: float, total: float, squares: float, unit: str) -> ShownFigure:
    """A mean a customer from sums."""
    if int(n) < ENOUGH:
        return ShownFigure(None, unit, int(n))
    return estimated(mean_of_sums(int(n), float(total), float(squares)), unit, int(n))


def estimated(estimate: Estimate, unit: str, n: int) -> ShownFigure:
    """An estimate, with the interval of a single look."""
    if n < ENOUGH:
        return ShownFigure(None, unit, n)
    return ShownFigure(estimate.value, unit, n, *estimate.interval(LEVEL))


def counted(n: float) -> ShownFigure:
    """How many customers."""
    return ShownFigure(float(n) if n >= ENOUGH else None, COUNT, int(n))


def summed_money(minor: float, n: float) -> ShownFigure:
    """Money of n customers together."""
    return ShownFigure(float(minor) if n >= ENOUGH else None, TOTAL, int(n))


def without_small(table: ReportTable) -> ReportTable:
    """The table without lines of which no figure may be shown."""
    kept = [line for line in table.lines if any(one.value is not None for one in line.figures)]
    return replace(table, lines=kept, hidden=table.hidden + len(table.lines) - len(kept))


def report_of(
    name: str,
    title: str,
    answer: str,
    warnings: Sequence[str],
    tables: Sequence[ReportTable],
    plots: Sequence[ReportPlot] = (),
) -> ManagersReport:
    """Put a report together: small groups and tables without any other are left out; where nothing is left, that is said."""
    kept = [table for table in map(without_small, tables) if table.lines]
    if not kept:
        return ManagersReport(name, title, too_few(), (), ())
    return ManagersReport(name, title, answer, warnings, kept, plots)


def too_few() -> str:
    """What a small shop reads instead of noise."""
    return f"No group has {ENOUGH} customers, and fewer would show chance: nothing is shown. Take a longer period, or wait."
