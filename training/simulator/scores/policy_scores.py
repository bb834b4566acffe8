"""What a policy was worth in a world whose truth is known, from what households did with it and without any offer.

Both runs use the same dice (common random numbers), so a household's difference is what the offers caused, and
households are independent: intervals come from drawing households again (`training.evaluation.bootstrap`). All
money is minor units and a mean over all customers, bundle or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.tables import EXPECTED_COST_MILLI
from training.evaluation.bootstrap import Interval, Resamples
from training.simulator.scores.lived import DAYS_A_WEEK, Lived
from training.simulator.world.flat_runs import totals

LEVEL = 0.95
# A policy's gain is a share of the oracle's only where that is no chance: so many standard errors above zero.
SURE_ERRORS = 3.0
# Bought again within so many days after it was tried on an offer.
REPEAT_DAYS = 28
# What is given may be held to what was planned once a policy has seen so many days of its own offers.
SETTLED_DAYS = 28
MILLI = 1000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """One policy in one world; every Interval is a mean over customers with its 95 % range, unless said otherwise.

    Attributes:
        gain: margin more than without offers, minor units, over all weeks: those of the nights, and those after the
            last bundle in which stocks are used up.
        gain_error: its Monte Carlo standard error: another world of as many households would differ so much.
        gain_of_nights: the same over the weeks of the nights only, before what was stocked up is missing.
        discount: personal discount taken at tills, minor units.
        anyway: share of that discount that fell on units bought without the offer too.
        offers: personal offers a customer, over all nights.
        used: share of these offers that were redeemed; NaN without any.
        budget_error: discount taken over discount planned, less 1; None where nothing was planned.
        visits: shopping days more than without offers.
        retained: share of customers still there after all weeks, more than without offers.
        undisturbed: gain at customers whom the oracle never gave a bundle; None without the oracle's run.
        trial: share of offers on new products that were bought while valid, and without the offer.
        repeat: share of the tried that were bought again within REPEAT_DAYS, of those that had so long.
        bundles: customers with a bundle, mean over the nights.
    """

    gain: Interval
    gain_error: float
    gain_of_nights: Interval
    discount: Interval
    anyway: Interval
    offers: float
    used: float
    budget_error: float | None
    visits: Interval
    retained: Interval
    undisturbed: Interval | None
    trial: tuple[float, float]
    repeat: float
    bundles: float


def score(
    lived: Lived, without: Lived, weeks: int, resamples: Resamples, oracle: Lived | None = None
) -> Scores:
    """Score a policy.

    Args:
        lived: what happened with it.
        without: the same world without offers, lived for as long.
        weeks: how many began with a night; the weeks after them show what the offers left behind.
        resamples: households drawn again, the same for all policies of a world.
        oracle: what happened with the oracle.
    """
    nights, alone = lived.until(weeks * DAYS_A_WEEK), without.until(weeks * DAYS_A_WEEK)
    everybody = np.ones(lived.households)
    gained = margin(lived) - margin(without)

    def mean(values: Floats) -> Interval:
        return resamples.ratio(values, everybody, LEVEL)

    anyway, taken = discount_anyway(lived, without)
    return Scores(
        gain=mean(gained),
        gain_error=float(gained.std() / np.sqrt(len(gained))),
        gain_of_nights=mean(margin(nights) - margin(alone)),
        discount=mean(taken),
        anyway=resamples.ratio(anyway, taken, LEVEL),
        offers=len(lived.offers) / lived.households,
        used=offers_used(lived),
        budget_error=budget_error(lived),
        visits=mean(visits(lived) - visits(without)),
        retained=mean(lived.here[-1].astype(float) - without.here[-1]),
        undisturbed=None if oracle is None else mean(np.where(_offered(oracle), 0.0, gained)),
        trial=(_trial(lived, lived), _trial(lived, without)),
        repeat=_repeat(lived),
        bundles=float(lived.offers.groupby("first_day")["household"].nunique().sum() / weeks),
    )


def share_of_oracle(gains: Mapping[str, Scores], worlds: Mapping[str, Scores]) -> float | None:
    """Sum of a policy's gains over the sum of the oracle's, of worlds in which the oracle surely gains.

    Args:
        gains: the policy's scores by world.
        worlds: the oracle's scores by world.

    Returns:
        None where no world counts.
    """
    sure = [name for name in gains if name in worlds and surely_gains(worlds[name])]
    total = sum(worlds[name].gain.value for name in sure)
    return sum(gains[name].gain.value for name in sure) / total if sure else None


def surely_gains(scores: Scores) -> bool:
    """Whether a gain is more than SURE_ERRORS Monte Carlo errors above zero."""
    return scores.gain.value > SURE_ERRORS * scores.gain_error


def position(scores: Scores, naive: Scores, oracle: Scores) -> float | None:
    """Where a policy stands between the naive one (0) and the oracle (1); None where those two do not differ."""
    span = oracle.gain.value - naive.gain.value
    return None if span <= 0 else (scores.gain.value - naive.gain.value) / span


def margin(lived: Lived) -> Floats:
    """Paid less cost of each household, minor units."""
    return _per_household(lived, lived.lines["margin_minor"])


def visits(lived: Lived) -> Floats:
    """Days on which each household shopped."""
    days = lived.lines.drop_duplicates(["household", "day"])
    return np.bincount(days["household"], minlength=lived.households).astype(np.float64)


def discount_anyway(lived: Lived, without: Lived) -> tuple[Floats, Floats]:
    """Discount on units that each household bought without offers too, and all discount, minor units.

    A discounted unit would have been bought anyway if, with the same dice and no offer ever made, the household
    buys as many of the product while the offer is valid. Units only bought earlier count as caused.
    """
    used = lived.lines[lived.lines["personal_minor"] > 0].groupby("offer_no")
    offers = lived.offers.set_index("offer_no")
    used_offers = offers.join(used.agg(taken=("personal_minor", "sum"), units=("units", "sum")), how="inner")
    paid_units = np.minimum(used_offers["units"], used_offers["max_units"])
    in_any_case = np.minimum(_units_in_window(used_offers, without), paid_units)
    on_these = used_offers["taken"] * (in_any_case / paid_units)
    everybody = lived.households
    household = used_offers["household"]
    return totals(household, on_these, everybody), totals(household, used_offers["taken"], everybody)


def offers_used(lived: Lived) -> float:
    """Share of the offers that took something off at a till; NaN without any."""
    redeemed = lived.lines.loc[lived.lines["personal_minor"] > 0, "offer_no"].nunique()
    return redeemed / len(lived.offers) if len(lived.offers) else float("nan")


def budget_error(lived: Lived) -> float | None:
    """Discount taken over discount planned by the nights, less 1."""
    planned = lived.offers[EXPECTED_COST_MILLI].sum() / MILLI
    return None if planned == 0 else float(lived.lines["personal_minor"].sum() / planned - 1)


def settled_money(lived: Lived) -> tuple[float, float]:
    """Minor units a customer, given and planned, of the offers made after SETTLED_DAYS."""
    offers = lived.offers[lived.offers["first_day"] >= SETTLED_DAYS]
    given = lived.lines.loc[lived.lines["offer_no"].isin(offers["offer_no"]), "personal_minor"].sum()
    return given / lived.households, offers[EXPECTED_COST_MILLI].sum() / MILLI / lived.households


def by_week(lived: Lived, without: Lived) -> pd.DataFrame:
    """The curves: one row a week, means over customers, money in minor units.

    Columns: gain (margin more than without offers), discount, planned, visits (more), here (share of customers),
    here_without.
    """
    weeks = range(lived.weeks)

    def each(run: Lived, column: str) -> Floats:
        week = run.lines["day"] // DAYS_A_WEEK
        return totals(week, run.lines[column], lived.weeks) / lived.households

    def days(run: Lived) -> Floats:
        shopped = run.lines.drop_duplicates(["household", "day"])["day"] // DAYS_A_WEEK
        return np.bincount(shopped, minlength=lived.weeks) / lived.households

    planned = np.bincount(
        lived.offers["first_day"] // DAYS_A_WEEK,
        lived.offers[EXPECTED_COST_MILLI] / MILLI,
        minlength=lived.weeks,
    )
    return pd.DataFrame(
        {
            "gain": each(lived, "margin_minor") - each(without, "margin_minor"),
            "discount": each(lived, "personal_minor"),
            "planned": planned / lived.households,
            "visits": days(lived) - days(without),
            "here": lived.here.mean(axis=1),
            "here_without": without.here.mean(axis=1),
        },
        index=pd.Index(weeks, name="week"),
    )


def _per_household(lived: Lived, values: "pd.Series[int]") -> Floats:
    return totals(lived.lines["household"], values, lived.households)


def _offered(lived: Lived) -> npt.NDArray[np.bool_]:
    return np.bincount(lived.offers["household"], minlength=lived.households) > 0


def _units_in_window(offers: pd.DataFrame, run: Lived) -> "pd.Series[int]":
    """Units that a run's household bought of each offer's product while it was valid, indexed like `offers`."""
    bought = run.lines[["household", "product", "day", "units"]]
    pairs = offers.reset_index()[["offer_no", "household", "product", "first_day", "end_day"]]
    found = pairs.merge(bought, on=["household", "product"])
    found = found[(found["day"] >= found["first_day"]) & (found["day"] < found["end_day"])]
    return found.groupby("offer_no")["units"].sum().reindex(offers.index, fill_value=0)


def _trial(lived: Lived, run: Lived) -> float:
    """Share of `lived`'s offers on new products that were bought in a run while they were valid."""
    new = lived.offers[lived.offers["is_new"]].set_index("offer_no")
    return float((_units_in_window(new, run) > 0).mean()) if len(new) else float("nan")


def _repeat(lived: Lived) -> float:
    new = lived.offers[lived.offers["is_new"]]
    tried = new.merge(lived.lines[["household", "product", "day"]], on=["household", "product"])
    tried = tried[(tried["day"] >= tried["first_day"]) & (tried["day"] < tried["end_day"])]
    tried = tried.sort_values("day").drop_duplicates(["household", "product"])
    tried = tried[tried["day"] + REPEAT_DAYS < lived.weeks * DAYS_A_WEEK]
    again = tried[["household", "product", "day"]].merge(
        lived.lines, on=["household", "product"], suffixes=("_tried", "")
    )
    since = again["day"] - again["day_tried"]
    again = again[(since > 0) & (since <= REPEAT_DAYS)].drop_duplicates(["household", "product"])
    return len(again) / len(tried) if len(tried) else float("nan")
