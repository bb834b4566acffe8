"""What an experiment can see in this shop, from the shop's own history, before anybody is drawn.

The outcome is what each customer brought in the last weeks of the planned length, of those who were customers when these
began: also who stayed away counts, with nothing. How well the weeks before foretell it says how much of its spread an
adjusted estimate is rid of.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.period_totals import MeasuredPeriod, customers_in
from engine.programme import Programme
from engine.programme.experiment_file import ExperimentPlan
from models.effects.smallest_effect import Question
from models.features.catalogue import Catalogue
from models.features.habits import Margins
from models.ground.errors import BadInput
from models.ground.moment import Moment, local_midnight
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO

LEVEL, POWER = 0.95, 0.8
# Few programmes move what a customer brings by more than this share of it; an experiment that sees no less sees noise.
LARGEST_LIKELY = 0.10
COLUMNS = {"margin": "margin_minor", "spend": "paid_minor", "visits": "visits"}


@dataclass(frozen=True)
class SmallestEffect:
    """What one arm against the first shows over some weeks; amounts in the metric's unit, a customer.

    Attributes:
        arm: against the first one.
        weeks: length.
        customers: in both arms.
        usual: the metric's mean over so many weeks.
        effect: the smallest one that is found four times in five.
        needed: customers in both arms that a tenth of the usual would need.
        adjusted: share of the spread that the weeks before foretell, 0 where the history does not reach back.
    """

    arm: str
    weeks: int
    customers: int
    usual: float
    effect: float
    needed: int
    adjusted: float

    @property
    def share(self) -> float:
        """The effect in shares of the usual."""
        return self.effect / self.usual if self.usual > 0 else float("inf")

    @property
    def sees_enough(self) -> bool:
        """An effect that offers may have would be found."""
        return self.share <= LARGEST_LIKELY


def smallest_effects(
    data: Data, catalogue: Catalogue, margins: Margins, rules: Programme, plan: ExperimentPlan, as_of: Moment
) -> list[SmallestEffect]:
    """What the plan can see, at half, all and twice its length, as far as the history reaches.

    Raises:
        BadInput: the history is shorter than the plan, or nobody was a customer.
    """
    found = []
    for weeks in sorted({max(plan.weeks // 2, 1), plan.weeks, 2 * plan.weeks}):
        starts = _before(as_of, weeks)
        if starts.as_of < data.first_purchased_at:
            if weeks <= plan.weeks:
                raise BadInput(
                    f"The history begins on {data.first_purchased_at.date().isoformat()}, so {weeks} weeks before "
                    f"{as_of.day.isoformat()} are not known; expected a history as long as the plan. Plan fewer weeks."
                )
            continue
        found += _over(data, catalogue, margins, rules, plan, as_of, weeks)
    return found


def _over(
    data: Data,
    catalogue: Catalogue,
    margins: Margins,
    rules: Programme,
    plan: ExperimentPlan,
    as_of: Moment,
    weeks: int,
) -> list[SmallestEffect]:
    starts, column = _before(as_of, weeks), COLUMNS[plan.metric]
    seen_days = rules.eligibility.seen_days
    values, before, households = [], [], []
    eligible = 0
    for bucket in range(data.buckets):
        whole = customers_in(
            data.purchases(bucket), catalogue, margins, MeasuredPeriod(starts, as_of, seen_days)
        )
        former = customers_in(
            data.purchases(bucket),
            catalogue,
            margins,
            MeasuredPeriod(_before(starts, weeks), starts, seen_days),
        )
        eligible += int(whole["at_end"].sum())
        mine = whole[whole["at_start"]]
        values.append(mine[column].to_numpy(np.float64))
        before.append(
            former.set_index(CUSTOMER_NO)[column].reindex(mine[CUSTOMER_NO]).fillna(0.0).to_numpy(np.float64)
        )
        households.append(_units(data, bucket, plan).reindex(mine[CUSTOMER_NO]))
    outcome, foretold = np.concatenate(values), np.concatenate(before)
    if len(outcome) < 2 or outcome.sum() == 0:  # noqa: PLR2004 - one customer has no spread
        raise BadInput(
            f"Nobody who bought within {seen_days} days before {starts.day.isoformat()} bought in the {weeks} weeks after; "
            "expected customers to plan by. Name another --as-of."
        )
    reaches = _before(starts, weeks).as_of >= data.first_purchased_at
    correlation = _correlation(outcome, foretold) if reaches else 0.0
    question = Question(
        sd=float(outcome.std(ddof=1)),
        correlation=correlation,
        household_size=len(outcome) / max(pd.concat(households).nunique(), 1),
        level=LEVEL,
        power=POWER,
    )
    drawn = eligible * (1 - rules.holdout.share)
    first, *others = plan.arms
    usual = float(outcome.mean())
    smallest = question.smallest_effect if plan.stop == "planned_end" else question.smallest_at_any_look
    return [
        SmallestEffect(
            arm.name,
            weeks,
            round(drawn * (first.share + arm.share)),
            usual,
            smallest(drawn * (first.share + arm.share), arm.share / (first.share + arm.share)),
            question.customers_needed(LARGEST_LIKELY * usual, arm.share / (first.share + arm.share)),
            correlation**2,
        )
        for arm in others
    ]


def _before(moment: Moment, weeks: int) -> Moment:
    return local_midnight(moment.day - timedelta(weeks=weeks), moment.timezone)


def _units(data: Data, bucket: int, plan: ExperimentPlan) -> "pd.Series[str]":
    """By customer_no, the household or customer that is drawn."""
    people = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID, "household_id"])
    units = people[CUSTOMER_ID].astype("str")
    if plan.unit == "household":
        households = people["household_id"]
        units = ("household/" + households.astype("str")).where(households.notna(), units)
    return units.set_axis(people[CUSTOMER_NO])


def _correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
