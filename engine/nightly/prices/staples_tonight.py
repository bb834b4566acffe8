"""What is kept over all buckets beside the budget, by prices: the share of bundles of one item, and what suppliers pay at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.funder_lines import FunderLines
from engine.nightly.choosing.price_grid import AT_NO_PRICE, Numbers, in_value
from engine.nightly.choosing.staples import HeldItems
from engine.nightly.context import NightContext
from models.tables import ITEM_ID

# Prices move by a step at least; from then on by twice as many each time, so that any night comes to an end.
_PATIENT_ROUNDS = 8


@dataclass(frozen=True)
class ItemPrices:
    """Prices of items by the label of the cell, places on the grid of `staples`, (I,) each; empty where nothing is limited.

    Attributes:
        price: as they stand.
        lines: of the cell's agreements; absent where nothing is funded.
        first: what each cell's bundles held before anything was exchanged.
        last: what they hold now.
        rounds: how often the buckets were asked.
    """

    price: Mapping[str, Numbers] = field(default_factory=dict)
    first: Mapping[str, HeldItems] = field(default_factory=dict)
    last: Mapping[str, HeldItems] = field(default_factory=dict)
    rounds: int = 0
    lines: Mapping[str, FunderLines] = field(default_factory=dict)

    def is_as(self, other: "ItemPrices") -> bool:
        """Whether all prices are the same; what was not asked before had none."""
        items = all(
            np.array_equal(price, other.price.get(label, np.zeros_like(price)))
            for label, price in self.price.items()
        )
        return items and all(
            np.array_equal(line.price, other.lines[label].price if label in other.lines else 0 * line.price)
            for label, line in self.lines.items()
        )


def limited_shares(context: NightContext, labels: Mapping[str, Any]) -> dict[str, float]:
    """The share of each cell whose programme limits it: every arm for itself, so in proportion to how many it is."""
    rotation = {label: context.cell(label).night.programme.rotation for label in labels}
    return {label: one.staples_share for label, one in rotation.items() if one and one.staples_share < 1}


def keep_shares(
    context: NightContext,
    shares: Mapping[str, float],
    left_milli: Mapping[str, Numbers],
    indices: Mapping[str, int],
    before: ItemPrices,
) -> ItemPrices:
    """Raise prices until at the budget's shadow prices nothing is beyond its limit.

    Args:
        context: the night, its buckets planned.
        shares: `limited_shares`, of a cell's bundles in which one item may stand.
        left_milli: what the suppliers of a cell's items may be planned to pay (`engine.nightly.prices.funders_tonight`).
        indices: of each cell's shadow price.
        before: prices found at other shadow prices; they never fall.
    """
    items = len(context.catalogue.items)
    labels = [label for label in indices if label in shares or label in left_milli]
    price = {label: before.price.get(label, np.zeros(items, dtype=np.int64)) for label in labels}
    lines = {label: before.lines.get(label) or funder_lines(context, label) for label in left_milli}
    first, rounds = dict(before.first), before.rounds
    while True:
        rounds += 1
        found = _asked(context, indices, price, lines)
        first = found | first
        over = [label for label in shares if found[label].too_many(shares[label])]
        overdrawn = [label for label, left in left_milli.items() if found[label].paid.overdrawn(left).any()]
        if not over and not overdrawn:
            return ItemPrices(price, first, found, rounds, lines)
        haste = 2 ** max(0, min(rounds - _PATIENT_ROUNDS, 12))
        price = price | {label: found[label].raised(price[label], shares[label], haste) for label in over}
        lines = lines | {
            label: replace(
                lines[label],
                price=found[label].paid.raised(lines[label].price, left_milli[label], haste),
            )
            for label in overdrawn
        }


def funder_lines(context: NightContext, label: str) -> FunderLines:
    """The agreements of a cell's items, at no price yet."""
    funded = context.cell(label).assortment.funded
    agreement_no = (
        np.full(len(context.catalogue.items), -1, dtype=np.int64) if funded is None else funded.agreement_no
    )
    return FunderLines(
        agreement_no, np.zeros(0 if funded is None else len(funded.agreements), dtype=np.int64)
    )


def _asked(
    context: NightContext,
    indices: Mapping[str, int],
    price: Mapping[str, Numbers],
    lines: Mapping[str, FunderLines],
) -> dict[str, HeldItems]:
    total: dict[str, HeldItems] = {}
    for bucket in range(context.data.buckets):
        for label, claims in CellPlans.claims(context.folder.plan(bucket)).items():
            if label not in price:
                continue
            exchanged = claims.exchanged(price[label], context.cell(label).min_items, lines.get(label))
            looked_at = frozenset(np.flatnonzero(price[label]).tolist())
            one = HeldItems.of(exchanged, indices[label], price[label], looked_at)
            total[label] = total[label] + one if label in total else one
    return total


def prices_told(
    context: NightContext, found: ItemPrices, shares: Mapping[str, float]
) -> dict[str, list[dict[str, Any]]]:
    """Plain JSON content by cell whose share is limited, dearest item first, as the manifest has it."""
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
        if label in shares
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
