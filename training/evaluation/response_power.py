"""How long shops of some sizes would need until effects of some sizes can be seen, from the spread of visits in this shop.

What a customer does over w weeks, less what their weeks before foretell, varies by w x (within) + w^2 x (between): both are told
by this shop's own last weeks. An experiment that goes on gets longer sums, not only more of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import nnls

from models.effects.smallest_effect import SHOP_SIZES, Question
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.sources import Data
from models.sources.stored.netting import make_standing
from models.tables import CUSTOMER_NO

LEVEL, POWER = 0.95, 0.8
AHEAD_WEEKS, BEFORE_WEEKS = 12, 12
LONGEST_WEEKS = 104
_LENGTHS = (1, 2, 4, 8, AHEAD_WEEKS)
_DAYS_A_WEEK = 7


@dataclass(frozen=True)
class WeeklySpread:
    """Visits a customer and week: their mean, and the variance of their sum over w weeks, within x w + between x w^2."""

    mean: float
    within: float
    between: float

    def weeks_needed(self, share: float, customers: int, held_out: float, *, any_look: bool) -> int | None:
        """Weeks until so large a change is found four times in five; None where LONGEST_WEEKS are too few.

        Args:
            share: visits more or less, of the usual.
            customers: in both arms.
            held_out: share of them without offers.
            any_look: every week may be the last, as in a confidence sequence.
        """
        effect = abs(share) * self.mean
        for weeks in range(1, LONGEST_WEEKS + 1):
            sd = float(np.sqrt(self.within * weeks + self.between * weeks**2))
            question = Question(sd, 0.0, 1.0, LEVEL, POWER)
            smallest = question.smallest_at_any_look if any_look else question.smallest_effect
            if effect * weeks >= smallest(customers, held_out) > 0:
                return weeks
        return None


def weekly_spread(data: Data, as_of: Moment) -> WeeklySpread:
    """Of the customers who came in the twelve weeks before the last twelve.

    Raises:
        BadInput: nobody did.
    """
    weeks = [_weeks_of(data, bucket, as_of) for bucket in range(data.buckets)]
    return spread_of(np.concatenate(weeks))


def spread_of(visits: npt.NDArray[np.float64]) -> WeeklySpread:
    """The same of (n, BEFORE_WEEKS + AHEAD_WEEKS) visits a week, oldest first.

    Raises:
        BadInput: nobody came in the weeks before.
    """
    known = visits[visits[:, :BEFORE_WEEKS].sum(axis=1) > 0]
    if len(known) < 3:  # noqa: PLR2004 - a line through two customers leaves no spread
        raise BadInput(
            f"Expected customers who came {BEFORE_WEEKS + AHEAD_WEEKS} to {AHEAD_WEEKS} weeks before --as-of, to tell how much visits "
            f"vary, got {len(known)}; choose a later --as-of, or load more history."
        )
    before = known[:, :BEFORE_WEEKS].sum(axis=1)
    line = np.column_stack([np.ones(len(known)), before])
    left = []
    for length in _LENGTHS:
        after = known[:, BEFORE_WEEKS : BEFORE_WEEKS + length].sum(axis=1)
        left.append(float(np.var(after - line @ np.linalg.lstsq(line, after, rcond=None)[0])))
    lengths = np.array(_LENGTHS, dtype=np.float64)
    weights = 1 / lengths  # so that the longest sums do not decide alone
    (within, between), _ = nnls(
        np.column_stack([lengths, lengths**2]) * weights[:, None], np.array(left) * weights
    )
    return WeeklySpread(float(known[:, BEFORE_WEEKS:].mean()), float(within), float(between))


def power_rows(
    spread: WeeklySpread, effects: dict[str, float], held_out: float, sizes: Sequence[int] = SHOP_SIZES
) -> pd.DataFrame:
    """One row a size and effect: customers, effect (name), share, weeks_once, weeks_any_look; weeks missing where too many."""
    rows = [
        (
            size,
            name,
            share,
            *(spread.weeks_needed(share, size, held_out, any_look=looked) for looked in (False, True)),
        )
        for size in sizes
        for name, share in effects.items()
    ]
    found = pd.DataFrame(rows, columns=["customers", "effect", "share", "weeks_once", "weeks_any_look"])
    return found.astype({"weeks_once": "Int64", "weeks_any_look": "Int64"})


def _weeks_of(data: Data, bucket: int, as_of: Moment) -> npt.NDArray[np.float64]:
    """(customers, weeks) days of a bucket's customers with a purchase, by week before the moment."""
    people = len(pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO]))
    weeks = BEFORE_WEEKS + AHEAD_WEEKS
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        make_standing(
            connection, data.purchases(bucket), f"purchased_at < TIMESTAMPTZ '{as_of.as_of.isoformat()}'"
        )
        found = connection.execute(
            f"""
            SELECT customer_no, (date_diff('day', local_day, DATE '{as_of.day.isoformat()}') - 1) // {_DAYS_A_WEEK} AS ago,
                count(DISTINCT local_day) AS visits
            FROM standing WHERE date_diff('day', local_day, DATE '{as_of.day.isoformat()}') BETWEEN 1 AND {weeks * _DAYS_A_WEEK}
            GROUP BY ALL
            """
        ).df()
    counted = np.zeros((people, weeks))
    counted[found[CUSTOMER_NO].to_numpy(np.int64), weeks - 1 - found["ago"].to_numpy(np.int64)] = found[
        "visits"
    ]
    return counted
