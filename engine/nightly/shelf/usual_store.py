"""Where customers usually buy: for a programme that begins in some of the shop's stores."""

from difflib import get_close_matches
from pathlib import Path

import duckdb
import pandas as pd

from engine.domain.offer_errors import BadProgramme
from engine.programme import Programme
from models.ground.moment import Moment
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO

_LOOKED_AT_DAYS = 364
_SHOWN = 8


def usual_stores(purchases: Path, as_of: Moment) -> "pd.Series[str]":
    """The store of most days with a purchase in the last 364 days before a moment, by customer_no.

    Of stores with as many days, the one visited last, then the first by name. Who bought nowhere that is known is absent.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.execute(
            f"""
            SELECT customer_no, arg_min(store_id, place) FROM (
                SELECT customer_no, store_id, row_number() OVER (PARTITION BY customer_no
                    ORDER BY count(DISTINCT local_day) DESC, max(local_day) DESC, store_id) AS place
                FROM read_parquet('{purchases}')
                WHERE store_id IS NOT NULL AND quantity_milli > 0 AND purchased_at < ?
                  AND local_day >= CAST(? AS DATE) - {_LOOKED_AT_DAYS}
                GROUP BY customer_no, store_id)
            GROUP BY customer_no ORDER BY customer_no
            """,
            [as_of.as_of, as_of.day],
        ).fetchall()
    numbers, names = [row[0] for row in rows], [row[1] for row in rows]
    return pd.Series(names, index=pd.Index(numbers, dtype="int64"), dtype="str")


def customers_elsewhere(people: pd.DataFrame, purchases: Path, rules: Programme, as_of: Moment) -> set[str]:
    """The ids of a bucket's customers whose usual store is none of the programme's; nobody where it names none.

    Args:
        people: customer_no, customer_id.
        purchases: of the bucket.
        rules: the programme.
        as_of: what happened then or later is not known.
    """
    stores = rules.eligibility.stores
    if stores is None:
        return set()
    usual = people[CUSTOMER_NO].map(usual_stores(purchases, as_of))
    return set(people.loc[~usual.isin(stores), CUSTOMER_ID])


def require_stores(data: Data, rules: Programme) -> None:
    """Refuse stores that no purchase names: a mistyped one would serve nobody.

    Raises:
        BadProgramme: naming each and the likeliest one that was meant.
    """
    asked = rules.eligibility.stores
    if asked is None:
        return
    files = [str(data.purchases(bucket)) for bucket in range(data.buckets)]
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.execute(
            "SELECT DISTINCT store_id FROM read_parquet(?) WHERE store_id IS NOT NULL ORDER BY 1", [files]
        ).fetchall()
    known = [row[0] for row in found]
    unknown = [
        f"{name!r}" + "".join(f" (did you mean {near!r}?)" for near in get_close_matches(name, known, 1))
        for name in asked
        if name not in known
    ]
    if unknown:
        some = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "") or "none"
        raise BadProgramme(
            f"eligibility.stores names {', '.join(unknown)}, where nobody has bought; the purchases name {some}. Write stores as "
            "the purchases table does."
        )
