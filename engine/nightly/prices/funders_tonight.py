"""What suppliers may be planned to pay tonight, and what they are: each agreement's budget is a line of its own.

All that is left of an agreement's budget may be planned tonight. Where experiments run, everybody in the same arms has a
part of it in proportion to how many they are, rounded down, as of the shop's own budget.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from engine.nightly.choosing.funder_lines import FunderLines
from engine.nightly.choosing.price_grid import AT_NO_PRICE, Numbers, in_value
from engine.nightly.context import NightContext
from engine.nightly.prices.staples_tonight import ItemPrices, funder_lines


def left_of_funders(context: NightContext, people: Mapping[str, int]) -> dict[str, Numbers]:
    """(A,) what the agreements of each cell's items may pay, thousandths of a minor unit; no cell where nothing is funded.

    `people` is how many customers of each cell may have offers.
    """
    everybody = max(sum(people.values()), 1)
    found = {label: context.cell(label).assortment.funded for label in people}
    return {
        label: funded.left_milli * people[label] // everybody if len(people) > 1 else funded.left_milli
        for label, funded in found.items()
        if funded is not None
    }


def funders_told(
    context: NightContext, found: ItemPrices, left_milli: Mapping[str, Numbers]
) -> list[dict[str, Any]]:
    """Plain JSON content by agreement: what is planned of it, and what its budget costs in each cell."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for label in left_milli:
        funded = context.cell(label).assortment.funded
        if funded is None:
            continue
        line, first, last = found.lines[label], found.first[label], found.last[label]
        for number, agreement in enumerate(funded.agreements):
            one = told.setdefault(
                agreement,
                {
                    "funder": agreement[0],
                    "agreement": agreement[1],
                    "budget_minor": int(funded.budget_minor[number]),
                    "promised_milli": int(funded.promised_milli[number]),
                    "allowance_milli": int(funded.left_milli[number]),
                    "wanted_milli": 0,
                    "planned_milli": 0,
                    "price": {},
                    "value_per_minor": {},
                },
            )
            price = line.price[number]
            one["wanted_milli"] += int(first.paid.milli[number])
            one["planned_milli"] += int(last.paid.milli[number])
            one["price"][label] = int(price)
            one["value_per_minor"][label] = None if price == AT_NO_PRICE else float(1000 * in_value(price))
    return [told[agreement] for agreement in sorted(told)]


def lines_of(context: NightContext, told: list[dict[str, Any]] | None, label: str) -> FunderLines | None:
    """The prices of a cell's agreements from what `funders_told` gave; None where nothing is funded."""
    funded = context.cell(label).assortment.funded
    if not told or funded is None:
        return None
    price = {(one["funder"], one["agreement"]): one["price"].get(label, 0) for one in told}
    found = np.array([price[agreement] for agreement in funded.agreements], dtype=np.int64)
    return replace(funder_lines(context, label), price=found)
