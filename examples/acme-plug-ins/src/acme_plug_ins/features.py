"""A feature of a customer in SQL, and one of a customer and an item as a function of frames."""

import pandas as pd

from models.features.own_features import KnownTables, OwnFeature

# Who shops after work buys for the evening: share of their lines from 17:00, local time.
evening_share = OwnFeature(
    "acme_evening_share",
    "customer",
    sql="""
        SELECT customer_no, avg((hour(purchased_at) >= 17)::INT) AS acme_evening_share
        FROM lines
        GROUP BY customer_no
    """,
)


def _pantry_days(known: KnownTables) -> pd.DataFrame:
    """How long what they bought last would last at the pace at which they bought before; unknown after one purchase."""
    pair = ["customer_no", "item_no"]
    days = (
        known.lines.dropna(subset="item_no")
        .groupby([*pair, "age_days"])["quantity_milli"]
        .sum()
        .reset_index()
    )
    found = days.groupby(pair).agg(
        first=("age_days", "max"), last=("age_days", "min"), bought=("quantity_milli", "sum")
    )
    latest = days.sort_values("age_days").groupby(pair)["quantity_milli"].first()
    a_day = (found["bought"] - latest) / (found["first"] - found["last"]).where(lambda span: span > 0)
    return (latest / a_day - found["last"]).rename("acme_pantry_days").reset_index()


pantry_days = OwnFeature("acme_pantry_days", "pair", frame=_pantry_days)
