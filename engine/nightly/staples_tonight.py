"""The share of bundles in which one item may stand, kept over all buckets: what every item costs tonight, beside the budget's price."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.staples import AT_NO_PRICE, HeldItems, Numbers, in_value
from engine.nightly.context import NightContext
from models.tables import ITEM_ID

# Prices move by a step at least; from then on by twice as many each time, so that any night comes to an end.
_PATIENT_ROUNDS = 8


@dataclass(frozen=True)
class ItemPrices:
    """Prices of items by the label of the cell, places on the grid of `staples`, (I,) each; empty where no share is limited.

    Attributes:
        price: as they stand.
        first: what each cell's bundles held before anything was exchanged.
        last: what they hold now.
        rounds: how often the buckets were asked.
    """

    price: Mapping[str, Numbers] = field(default_factory=dict)
    first: Mapping[str, HeldItems] = field(default_factory=dict)
    last: Mapping[str, HeldItems] = field(default_factory=dict)
    rounds: int = 0


def limited_shares(context: NightContext, labels: Mapping[str, Any]) -> dict[str, float]:
    """The share of each cell whose programme limits it: every arm for itself, so in proportion to how many it is."""
    rotation = {label: context.cell(label).night.programme.rotation for label in labels}
    return {label: one.staples_share for label, one in rotation.items() if one and one.staples_share < 1}


def keep_shares(
    context: NightContext, shares: Mapping[str, float], indices: Mapping[str, int], before: ItemPrices
) -> ItemPrices:
    """Raise prices until at the budget's shadow prices no item stands in more of a cell's bundles than it may.

    Args:
        context: the night, its buckets planned.
        shares: `limited_shares`.
        indices: of each cell's shadow price.
        before: prices found at other shadow prices; they never fall.
    """
    items = len(context.catalogue.items)
    price = {label: before.price.get(label, np.zeros(items, dtype=np.int64)) for label in shares}
    first, rounds = dict(before.first), before.rounds
    while True:
        rounds += 1
        found = _asked(context, shares, indices, price)
        first = found | first
        over = [label for label in shares if found[label].too_many(shares[label])]
        if not over:
            return ItemPrices(price, first, found, rounds)
        haste = 2 ** max(0, min(rounds - _PATIENT_ROUNDS, 12))
        price = price | {label: found[label].raised(price[label], shares[label], haste) for label in over}


def _asked(
    context: NightContext,
    shares: Mapping[str, float],
    indices: Mapping[str, int],
    price: Mapping[str, Numbers],
) -> dict[str, HeldItems]:
    total: dict[str, HeldItems] = {}
    for bucket in range(context.data.buckets):
        for label, claims in CellPlans.claims(context.folder.plan(bucket)).items():
            if label not in shares:
                continue
            exchanged = claims.exchanged(price[label], context.cell(label).min_items)
            looked_at = frozenset(np.flatnonzero(price[label]).tolist())
            one = HeldItems.of(exchanged, indices[label], price[label], looked_at)
            total[label] = total[label] + one if label in total else one
    return total


def prices_told(context: NightContext, found: ItemPrices) -> dict[str, list[dict[str, Any]]]:
    """Plain JSON content by cell, dearest item first, as the manifest has it."""
    names = context.catalogue.items[ITEM_ID].to_numpy()
    return {
        label: [
            {
                "item_id": str(names[item]),
                "price": int(price[item]),
                "value": None if price[item] == AT_NO_PRICE else float(in_value(price[item])),
                "share_before": _share(found.first[label], item),
                "share": _share(found.last[label], item),
            }
            for item in np.argsort(-price, kind="stable")[: np.count_nonzero(price)].tolist()
        ]
        for label, price in found.price.items()
    }


def prices_of(context: NightContext, told: Mapping[str, Any] | None, label: str) -> Numbers | None:
    """(I,) the prices of a cell's items from what `prices_told` gave; None where no share is limited."""
    if not told or label not in told:
        return None
    row = {name: number for number, name in enumerate(context.catalogue.items[ITEM_ID].tolist())}
    price = np.zeros(len(row), dtype=np.int64)
    for one in told[label]:
        price[row[one[ITEM_ID]]] = one["price"]
    return price


def _share(standing: HeldItems, item: int) -> float:
    return round(int(standing.holding[item]) / max(standing.bundles, 1), 4)
