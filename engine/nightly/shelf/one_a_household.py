"""One bundle a household: which of its members gets it, and who therefore gets none of their own.

Named is, among the members who could have a bundle tonight, who has one that is still open, else who is not only asked
back, else who bought on most days of the last 84, of these the one who bought last, then the first by id. Members who are held out have a named one of
their own, so that what they would have had is logged once a household, too.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb
import pandas as pd

from engine.domain.eligibility import is_seen, may_receive
from engine.nightly.night import Night
from engine.nightly.shelf.age_rule import NO_AGE, ages_on
from models.ground.moment import Moment
from models.tables import CUSTOMER_ID, CUSTOMER_NO

_LATELY_DAYS = 84
HOUSEHOLD_ID = "household_id"
_ORDER = [HOUSEHOLD_ID, "held", "has_open", "late", "days", "silent_days", CUSTOMER_ID]


def household_part(
    people: pd.DataFrame,
    purchases: Path,
    as_of: Moment,
    night: Night,
    *,
    stopped: Collection[str],
    has_open: Collection[str],
    held: Collection[str],
) -> pd.DataFrame:
    """One bucket's members of households who could have a bundle tonight.

    Args:
        people: customer_no, customer_id, consent and household_id of the bucket's customers.
        purchases: of the bucket.
        as_of: what happened then or later is not known.
        night: the run.
        stopped: ids of who gets none for another reason: they moved, complain, or buy in a store that it is not for.
        has_open: ids of who keeps a bundle, or what they would have had, of an earlier night.
        held: ids of who is held out.

    Returns:
        household_id, customer_id, held, has_open, late (bought longer ago than [eligibility] asks), days (with a purchase, of
        the last 84), silent_days.

    """
    rules = night.programme
    members = people.dropna(subset=[HOUSEHOLD_ID])
    with duckdb.connect(config={"threads": 1}) as connection:
        bought = connection.execute(
            f"""
            SELECT customer_no, count(DISTINCT local_day) FILTER (local_day >= CAST(? AS DATE) - {_LATELY_DAYS}) AS days,
                   date_diff('day', max(local_day), CAST(? AS DATE)) AS silent_days
            FROM read_parquet('{purchases}') WHERE quantity_milli > 0 AND purchased_at < ? GROUP BY 1
            """,
            [as_of.day, as_of.day, as_of.as_of],
        ).df()
    known = members.merge(bought, on=CUSTOMER_NO, how="left")
    silent, ordinarily = known["silent_days"], rules.eligibility.seen_days
    longest = ordinarily if rules.rules is None else rules.rules.seen_days(ordinarily)
    seen = [rules.eligibility.prospects if pd.isna(days) else is_seen(days, longest) for days in silent]
    may = [
        may_receive(None if pd.isna(said) else bool(said), rules.consent.rule) for said in known["consent"]
    ]
    ids = known[CUSTOMER_ID]
    found = pd.DataFrame(
        {
            HOUSEHOLD_ID: known[HOUSEHOLD_ID].astype("str"),
            CUSTOMER_ID: ids.astype("str"),
            "held": ids.isin(list(held)),
            "has_open": ids.isin(list(has_open)),
            "late": (silent > ordinarily).fillna(value=False).astype("bool"),
            "days": known["days"].fillna(0).astype("int64"),
            "silent_days": silent.fillna(-1).astype("int64"),
        }
    )
    return found[pd.Series(seen, dtype=bool) & pd.Series(may, dtype=bool) & ~ids.isin(list(stopped))]


def with_years(part: pd.DataFrame, people: pd.DataFrame, night: Night) -> pd.DataFrame:
    """Add the age of each member on the first local day of tonight's bundles, NO_AGE where it is not known.

    Args:
        part: `household_part`.
        people: customer_no, customer_id and birth_date of the bucket's customers.
        night: the run.
    """
    years = pd.Series(ages_on(people, night).to_numpy(), index=people[CUSTOMER_ID].astype("str"))
    return part.assign(years=part[CUSTOMER_ID].map(years).fillna(NO_AGE).astype("int64"))


def sharing_members(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Who shares one bundle with others: customer_id, ascending, unit_no (equal within a household), years of its youngest.

    Who is held out shares nothing, nor does who has nobody to share with. The parts are `with_years`.
    """
    everybody = pd.concat(list(parts), ignore_index=True)
    may = everybody[~everybody["held"]].drop_duplicates(CUSTOMER_ID)
    households = may.groupby(HOUSEHOLD_ID)
    may = may.assign(unit_no=households.ngroup(), years=households["years"].transform("min"))
    shared = may[households[CUSTOMER_ID].transform("size") > 1]
    return shared[[CUSTOMER_ID, "unit_no", "years"]].sort_values(CUSTOMER_ID, ignore_index=True)


def other_members(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Who gets none because another member of the household is named: customer_id, ascending.

    Whose members are named is not written: what an erasure takes out is found by customer_id alone.
    """
    everybody = pd.concat(list(parts), ignore_index=True)
    ranked = everybody.sort_values(
        _ORDER, ascending=[True, True, False, True, False, True, True], kind="stable"
    )
    others = ranked.loc[ranked.groupby([HOUSEHOLD_ID, "held"]).cumcount() > 0, [CUSTOMER_ID]]
    return others.sort_values(CUSTOMER_ID, ignore_index=True).astype("str")
