"""Novelties as a budgeted experiment: who tried one, who bought it again within stated days, and what that cost.

A trial is the first purchase of an item that a customer had never bought, while an offer on it ran. It counts towards
repeats once its days have passed. Novelties that were made for the held out and never served show what is tried anyway.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from functools import partial

import pandas as pd

from engine.measurement.own_offers import NightFiles
from engine.reports.bucket_sums import bucket_sums
from engine.reports.published_nights import offers_made
from engine.reports.report_figures import (
    ManagersReport,
    ReportedShop,
    ReportLine,
    ReportTable,
    ShownFigure,
    counted,
    report_of,
    share_of,
    summed_money,
)
from models.ground.moment import Moment, local_midnight
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, ITEM_NO

NOVELTY = "novelty"
MOST_LINES = 20
_SUMS = ("offers", "tried", "followed", "again", "discount_minor", "expected_cost_minor")
_NOT_OF_MONEY = 3  # of a line's figures


def trials(shop: ReportedShop, nights: Sequence[NightFiles], pruned: int, within_days: int) -> ManagersReport:
    """Follow the novelties of the period's nights.

    Args:
        shop: the load, and the period of the nights; purchases are followed beyond its end as far as they are loaded.
        nights: published in it, as far as their folders are there.
        pruned: how many of the nights have none any more.
        within_days: days after the trial within which a repeat counts.
    """
    after_last = Moment(shop.data.last_purchased_at, shop.data.timezone).day + timedelta(days=1)
    read_to = local_midnight(after_last, shop.data.timezone)
    sums = bucket_sums(
        shop,
        "trials.sql",
        ("served", ITEM_NO, "store_id"),
        partial(_tables, shop, nights, within_days, read_to),
        read_to,
    )
    served = sums[sums["served"].astype(bool)] if len(sums) else sums
    arms = _arms(sums)
    names = shop.catalogue.items["name"].to_dict()
    by_item = served.groupby(ITEM_NO).sum(numeric_only=True) if len(served) else pd.DataFrame()
    by_store = served.groupby("store_id").sum(numeric_only=True) if len(served) else pd.DataFrame()
    heads = ("offers", "tried", "bought again", "planned discount", "discount", "for one who repeats")
    each = f"Offers: customers with the novelty, who had never bought it. Tried: of these, bought it while its offer ran. Bought again: of the trials that are {within_days} days old, within {within_days} days. Planned discount: what the nights expected of all these offers. Discount: on the trials, all customers together, reckoned from purchases; and over those who bought again"
    tables = [
        ReportTable("whole", "Novelties offered, and only made for the held out", f"{each}. Nobody served the held out theirs, so they cost nothing.", heads, arms),
        ReportTable("items", "By item", f"{each}. The {MOST_LINES} most tried.", heads, _lines(by_item, lambda number: str(names[number]))),
        ReportTable("stores", "By store of the trial", "Trials there, and of those that are old enough, how many bought again; where it was offered and not tried, no store is known.", ("trials", "bought again"), [ReportLine(str(name), [counted(one["tried"]), share_of(one["again"], one["followed"])]) for name, one in by_store.iterrows()]),
    ]  # fmt: skip
    warnings = [
        "Who tries a novelty likes new things: that more of them buy it again than of others would is no effect of the offer. The line of the held out shows what is tried anyway.",
        *([f"{pruned} nights of the period have no folder any more and are not in it."] if pruned else []),
    ]
    return report_of(
        "trials", "Novelties: tried and bought again", _answer(served, within_days), warnings, tables
    )


def _tables(
    shop: ReportedShop, nights: Sequence[NightFiles], within_days: int, read_to: Moment, bucket: int
) -> dict[str, pd.DataFrame]:
    people = pd.read_parquet(shop.data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
    return {
        "made": offers_made(nights, NOVELTY, people, (bucket, shop.data.buckets), read_to),
        "item_ids": shop.catalogue.items[[ITEM_ID]].reset_index(),
        "repeats": pd.DataFrame({"within_days": [within_days]}),
    }


def _arms(sums: pd.DataFrame) -> list[ReportLine]:
    """Both arms; of those who were not served no discount was planned or given."""
    found = []
    for served, name in ((True, "offered"), (False, "held out, not served")):
        rows = sums[sums["served"].astype(bool) == served] if len(sums) else sums
        if len(rows):
            figures = _figures(rows[list(_SUMS)].sum())
            found.append(ReportLine(name, figures if served else figures[:_NOT_OF_MONEY]))
    return found


def _figures(one: "pd.Series[float]") -> list[ShownFigure]:
    again = (
        summed_money(one["discount_minor"] / one["again"], one["again"])
        if one["again"]
        else ShownFigure(None, "", 0)
    )
    return [
        counted(one["offers"]),
        share_of(one["tried"], one["offers"]),
        share_of(one["again"], one["followed"]),
        summed_money(one["expected_cost_minor"], one["offers"]),
        summed_money(one["discount_minor"], one["tried"]),
        again,
    ]


def _lines(table: pd.DataFrame, name: Callable[[Hashable], str]) -> list[ReportLine]:
    if not len(table):
        return []
    most = table.sort_values("tried", ascending=False, kind="stable").head(MOST_LINES)
    return [ReportLine(name(number), _figures(one)) for number, one in most.iterrows()]


def _answer(served: pd.DataFrame, within_days: int) -> str:
    if not len(served):
        return "No night of the period offered a novelty."
    whole = served[["offers", "tried", "followed", "again"]].sum()
    tried, again = share_of(whole["tried"], whole["offers"]), share_of(whole["again"], whole["followed"])
    if tried.value is None:
        return f"{whole['offers']:,.0f} novelties were offered: too few to say more."
    said = f"{tried.value:.1%} [{tried.low:.1%}, {tried.high:.1%}] of {whole['offers']:,.0f} novelties offered were tried"
    if again.value is None:
        return f"{said}; {whole['followed']:,.0f} trials are {within_days} days old, too few to say who buys again."
    return f"{said}, and {again.value:.0%} [{again.low:.0%}, {again.high:.0%}] of those who tried bought again within {within_days} days."
