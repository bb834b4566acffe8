"""Every metric once: its formula, its source, and what is said where it is not defined.

A metric is a function of `Totals`, which add up over customers; None means that it is not defined there.
`python -m engine.measurement.metric_definitions` prints the table of docs/customers.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

TOP_SHARE = 0.20
# A basket of the same families that costs this much more before discounts is an upsell, not inflation of a week.
UPSELL_RISE = 0.05


@dataclass(frozen=True)
class Totals:
    """What a group of customers did in a period, in sums; n is their number.

    Attributes:
        at_start: had bought within the active days before the period (CS).
        at_end: have bought within the active days before its end (CE).
        joined: at the end and not at the start (CN): new, or back.
        came: bought in the period at least once.
        came_again: on at least two days.
        visits: days with a purchase.
        paid_minor, margin_minor: money received, and what of it, net of VAT, is above cost or the assumed margin's cost.
        families: finest families bought from, summed over customers.
        comparable: bought in a family both in this period and in the one before.
        upsold: of these, customers whose units cost at least UPSELL_RISE more there, before discounts.
        promoters, detractors, nps_answers: customers by their last NPS answer in the period.
        csi_sum, csi_answers: the same of CSI answers.
        spends_minor: (came,) each customer's money, for the share of the best.
    """

    at_start: int
    at_end: int
    joined: int
    came: int
    came_again: int
    visits: int
    paid_minor: int
    margin_minor: float
    families: int
    comparable: int
    upsold: int
    promoters: int
    detractors: int
    nps_answers: int
    csi_sum: int
    csi_answers: int
    spends_minor: npt.NDArray[np.float64]

    def __add__(self, other: "Totals") -> "Totals":
        """Two groups together."""
        sums = {
            field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)[:-1]
        }
        return Totals(**sums, spends_minor=np.concatenate([self.spends_minor, other.spends_minor]))


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: as in tables and files.
        unit: of the value.
        formula: in the names of `Totals`.
        source: where the definition comes from.
        undefined: when there is no value.
        of: the value, or None.
        counted: how many customers or answers it rests on.
        of_customers: it is the share of those counted of whom something is so.
    """

    name: str
    unit: str
    formula: str
    source: str
    undefined: str
    of: Callable[[Totals], float | None]
    counted: Callable[[Totals], int] = lambda totals: totals.came
    of_customers: bool = False


def retention(totals: Totals) -> float | None:
    """CRR = (CE - CN) / CS: the share of the customers at the start who are still customers at the end."""
    return _share(totals.at_end - totals.joined, totals.at_start)


def churn(totals: Totals) -> float | None:
    """1 - CRR."""
    kept = retention(totals)
    return None if kept is None else 1.0 - kept


def lifetime_value(totals: Totals) -> float | None:
    """Margin of a customer in a period times the periods they stay, which at churn rate c are 1 / c."""
    left, margin = churn(totals), _share(totals.margin_minor, totals.came)
    return None if margin is None or not left else margin / left


def pareto_share(totals: Totals) -> float | None:
    """Share of the money that the best fifth of the customers paid; the fifth is rounded up to whole customers."""
    if not totals.came or totals.paid_minor <= 0:
        return None
    best = np.sort(totals.spends_minor)[::-1][: int(np.ceil(TOP_SHARE * totals.came))]
    return float(best.sum() / totals.spends_minor.sum())


def net_promoters(totals: Totals) -> float | None:
    """Percent of promoters (9, 10) less percent of detractors (0 to 6)."""
    share = _share(totals.promoters - totals.detractors, totals.nps_answers)
    return None if share is None else 100.0 * share


def margin_basis(*, net: bool) -> str:
    """In words, whether margins are net of VAT, which the shop's tables declare or not."""
    if net:
        return "margins are net of VAT"
    return "tables.toml declares no VAT, so margins count prices and costs as they stand"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


MONEY = "minor units"


def _at_start(totals: Totals) -> int:
    return totals.at_start


_NOBODY_CAME = "nobody bought in the period"
METRICS = (
    Metric(
        "retention_rate",
        "share",
        "(at_end - joined) / at_start",
        "Griffin, Customer Loyalty (1995); CRR",
        "nobody at the start",
        retention,
        _at_start,
        of_customers=True,
    ),
    Metric(
        "churn_rate",
        "share",
        "1 - retention_rate",
        "the same",
        "nobody at the start",
        churn,
        _at_start,
        of_customers=True,
    ),
    Metric(
        "lifetime_value",
        MONEY,
        "(margin_minor / came) / churn_rate",
        "Gupta and Lehmann, Customers as Assets (2003), without discounting",
        "nobody bought, nobody at the start, or nobody left",
        lifetime_value,
        lambda totals: min(totals.at_start, totals.came),
    ),
    Metric(
        "repeat_purchase_rate",
        "share",
        "came_again / came",
        "Peterson, Web Analytics Demystified (2004)",
        _NOBODY_CAME,
        lambda totals: _share(totals.came_again, totals.came),
        of_customers=True,
    ),
    Metric(
        "upsell_rate",
        "share",
        f"upsold / comparable; upsold: same families, units at least {UPSELL_RISE:.0%} dearer before discounts",
        "Farris et al., Marketing Metrics (2006), by unit price so that more units are no upsell",
        "nobody bought in a family in both periods",
        lambda totals: _share(totals.upsold, totals.comparable),
        lambda totals: totals.comparable,
        of_customers=True,
    ),
    Metric(
        "frequency",
        "visits a customer",
        "visits / came",
        "Farris et al.",
        _NOBODY_CAME,
        lambda totals: _share(totals.visits, totals.came),
    ),
    Metric(
        "average_basket",
        MONEY,
        "paid_minor / visits",
        "Farris et al.",
        _NOBODY_CAME,
        lambda totals: _share(totals.paid_minor, totals.visits),
    ),
    Metric(
        "breadth",
        "families a customer",
        "families / came",
        "Farris et al., assortment share of a customer",
        _NOBODY_CAME,
        lambda totals: _share(totals.families, totals.came),
    ),
    Metric(
        "pareto_share",
        "share",
        "money of the best 20 % of the customers / paid_minor",
        "Juran's Pareto principle, as Schmittlein, Cooper and Morrison (1993) measure it",
        "nothing was paid",
        pareto_share,
    ),
    Metric(
        "nps",
        "points, -100 to 100",
        "100 x (promoters - detractors) / nps_answers",
        "Reichheld, The one number you need to grow (2003)",
        "no NPS answers in the period",
        net_promoters,
        lambda totals: totals.nps_answers,
    ),
    Metric(
        "csi",
        "points of the shop's scale",
        "csi_sum / csi_answers",
        "Fornell, A national customer satisfaction barometer (1992), one question",
        "no CSI answers in the period",
        lambda totals: _share(totals.csi_sum, totals.csi_answers),
        lambda totals: totals.csi_answers,
    ),
)


def as_markdown() -> str:
    """The table of docs/customers.md."""
    head = ["| metric | unit | formula | not defined where | source |", "|---|---|---|---|---|"]
    return "\n".join(
        head + [f"| `{m.name}` | {m.unit} | {m.formula} | {m.undefined} | {m.source} |" for m in METRICS]
    )


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown() + "\n")
