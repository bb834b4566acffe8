"""Which customers: new, occasional and loyal ones, and by what they spend."""

import numpy as np
import pandas as pd

from models.tables import CUSTOMER_NO

# A customer is new until their fifth visit or their 57th day; loyal from a visit a week on, in the last 84 days.
NEW_VISITS, NEW_DAYS, LOYAL_VISITS_84D = 5, 56, 12
SPEND = ("lowest third", "middle third", "highest third")


def segments_of(customers: pd.DataFrame) -> pd.DataFrame:
    """Segments of every customer at every cut.

    Args:
        customers: cut, customer_no, visits, tenure_days, visits_84d, spend_minor_84d.

    Returns:
        cut, customer_no, loyalty ("new", "occasional", "loyal"), spend (a third of the cut's customers, by what
        they spent in 84 days).
    """
    new = (customers["visits"] < NEW_VISITS) | (customers["tenure_days"] <= NEW_DAYS)
    loyal = customers["visits_84d"] >= LOYAL_VISITS_84D
    spent = customers["spend_minor_84d"].fillna(0)
    third = spent.groupby(customers["cut"]).rank(pct=True, method="first")
    place = np.minimum((third.to_numpy() * len(SPEND) - 1e-9).astype(int), len(SPEND) - 1)
    return customers[["cut", CUSTOMER_NO]].assign(
        loyalty=np.select([new, loyal], ["new", "loyal"], "occasional"), spend=np.array(SPEND)[place]
    )
