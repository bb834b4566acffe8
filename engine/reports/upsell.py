"""Upsell: customers who bought something of a family that they had never bought, beside those who only repeated.

Never is as far as the data go back; a customer without a purchase before the period has nothing to repeat and is left out.
"""

import numpy as np
import pandas as pd

from engine.measurement.metric_definitions import MONEY, margin_basis
from engine.reports.bucket_sums import PACKAGE, offer_tables
from engine.reports.drawn_holdout import DrawnHoldout
from engine.reports.report_figures import (
    SHARE,
    ManagersReport,
    ReportedShop,
    ReportLine,
    ReportTable,
    ShownFigure,
    counted,
    mean_of,
    report_of,
    share_of,
)
from models.features.bucket_history import open_bought, read_sql
from models.ground.errors import BadInput
from models.tables import CUSTOMER_ID, CUSTOMER_NO

SHORTEST_BEFORE = 84  # days: of a shorter past most of what is bought looks new
NEW, REPEATED = "bought of a family new to them", "only repeated"


def upsell(shop: ReportedShop, holdout: DrawnHoldout | None) -> ManagersReport:
    """Count who found something new, what it brought, and, where a lot was drawn, whether the treated find more.

    Raises:
        BadInput: the data do not go SHORTEST_BEFORE days back before the period.
    """
    before = (shop.starts.day - shop.first_day).days
    if before < SHORTEST_BEFORE:
        raise BadInput(
            f"The data go {before} days back before --from {shop.starts.day}, and it takes {SHORTEST_BEFORE} to know what is new to a "
            "customer; name a later day."
        )
    people = _people(shop)
    came = people[people["visits"] > 0]
    found = came["new_families"] > 0
    tables = [
        ReportTable(
            "who",
            "Who found something new",
            f"A line is customers with a purchase before the period who came in its {shop.days} days. Shares are of all of these; money, margin and days with a purchase a customer; {margin_basis(net=shop.catalogue.tax_known)}.",
            ("customers", "share", "visits", "money", "margin"),
            [_line(NEW, came[found], len(came)), _line(REPEATED, came[~found], len(came))],
        ),
        ReportTable(
            "money",
            "What of it is new",
            "Of the money of all who came, the part in families new to whoever bought; of those who found any, how many.",
            ("part of the money", "new families"),
            [ReportLine("everybody who came", [_part(came), _families(came[found])])],
        ),
    ]
    if holdout is not None and shop.starts.day >= holdout.began:
        for name, title, values, unit in (
            ("arms_share", "Share who found something new", people["new_families"] > 0, SHARE),
            ("arms_money", "Money in new families", people["new_paid_minor"], MONEY),
        ):
            says = "Of everybody who was drawn and had bought before the period, also those who did not come, a customer. The lot drew the arms: the difference is an effect, as sure as its interval."
            lines = holdout.compare(people[CUSTOMER_ID], values.to_numpy(np.float64), unit)
            tables.append(ReportTable(name, f"{title}, treated and held out", says, ("a customer",), lines))
    share = share_of(int(found.sum()), len(came))
    answer = "Too few came to say who found something new."
    if share.value is not None:
        answer = f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}] of {len(came):,} customers who came bought of a family that they had never bought."
    return report_of(
        "upsell",
        "New families and mere repetition",
        answer,
        (
            "Who comes often finds more that is new: that those who did spend more is no effect of finding it.",
            f"Never is {before} days before the period here; a shorter past calls more new.",
        ),
        tables,
    )


def _people(shop: ReportedShop) -> pd.DataFrame:
    """One row a customer with a purchase before the period: customer_id and the sums of `upsell.sql`."""
    query = read_sql("upsell.sql", PACKAGE).strip().rstrip(";")
    parts = []
    for bucket in range(shop.data.buckets):
        with open_bought(shop.data.purchases(bucket), shop.catalogue, shop.ends) as bought:
            offer_tables(bought, shop)
            rows = bought.sql(query).df()
        names = pd.read_parquet(shop.data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
        parts.append(rows.merge(names, on=CUSTOMER_NO).drop(columns=CUSTOMER_NO))
    together: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return together


def _line(name: str, rows: pd.DataFrame, of: int) -> ReportLine:
    n = len(rows)
    means = [
        mean_of(n, float(rows[column].sum()), float((rows[column] ** 2).sum()), unit)
        for column, unit in (("visits", "visits"), ("paid_minor", MONEY), ("margin_minor", MONEY))
    ]
    share = share_of(n, of)
    return ReportLine(
        name, [counted(n), share if counted(n).value is not None else ShownFigure(None, SHARE, n), *means]
    )


def _part(came: pd.DataFrame) -> ShownFigure:
    paid = float(came["paid_minor"].sum())
    if counted(len(came)).value is None or paid <= 0:
        return ShownFigure(None, SHARE, len(came))
    return ShownFigure(float(came["new_paid_minor"].sum()) / paid, SHARE, len(came))


def _families(found: pd.DataFrame) -> ShownFigure:
    number = found["new_families"]
    return mean_of(len(found), float(number.sum()), float((number**2).sum()), "families a customer")
