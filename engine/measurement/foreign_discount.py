"""What another engine's offers cost, reckoned from purchases, because no till of ours redeems them."""

from collections.abc import Callable, Iterable, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.customer_weeks import ReportedWeeks
from engine.store.nights.foreign_offers import ForeignOffer
from models.features.bucket_history import read_sql
from models.tables import CUSTOMER_ID, CUSTOMER_NO, PRODUCT_ID, PRODUCT_NO

# From customers of a bucket to what the other engine offered them in the period.
ForeignOffersOf = Callable[[Sequence[str]], Iterable[ForeignOffer]]


def foreign_discount(
    bought: duckdb.DuckDBPyConnection,
    people: pd.DataFrame,
    offers: Iterable[ForeignOffer],
    products: pd.DataFrame,
    period: ReportedWeeks,
) -> npt.NDArray[np.float64]:
    """Baskets with an offer and the discount on them, minor units, shape (n, 2).

    Args:
        bought: the bucket's purchases, opened with `open_bought`.
        people: the bucket's customers by customer_no, with customer_id.
        offers: to some of them.
        products: product_no, product_id of the load.
        period: which weeks.
    """
    found = np.zeros((len(people), 2))
    made = pd.DataFrame(list(offers), columns=list(ForeignOffer._fields))
    if made.empty:
        return found
    made = made.merge(people[[CUSTOMER_ID, CUSTOMER_NO]], on=CUSTOMER_ID).merge(products, on=PRODUCT_ID)
    columns = [CUSTOMER_NO, PRODUCT_NO, "discount_bp", "valid_from", "valid_to", "used"]
    bought.register("made", made[columns].astype({"used": "boolean"}))
    bought.register("period", pd.DataFrame({"starts": [period.starts.as_of], "ends": [period.ends.as_of]}))
    rows = bought.sql(read_sql("foreign_discount.sql", "engine.measurement").strip().rstrip(";")).df()
    found[rows[CUSTOMER_NO].to_numpy()] = rows[["baskets", "discount_minor"]].to_numpy(np.float64)
    return found
