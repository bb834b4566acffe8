"""A supplier's budget is never planned beyond, whoever is told of the bundles in which order."""

from dataclasses import replace

import numpy as np
import pytest

from engine.nightly.choosing.funder_lines import FunderLines
from engine.nightly.choosing.price_grid import Numbers
from engine.nightly.choosing.staples import NO_ITEM, Claims, HeldItems
from tests.engine.nightly.choosing.test_staples import BANANA, BREAD, MILK, TEA, claims

PRICE = np.zeros(4, dtype=np.int64)
NOBODYS = np.array([0, -1, -1, -1])  # one supplier pays a part of bananas


def of_dairy(loss: list[float], paid: list[int]) -> Claims:
    """Customers with bananas and milk, and what is expected of the supplier for each."""
    n = len(loss)
    return replace(
        claims(loss),
        funded_milli=np.column_stack([paid, np.zeros(n, dtype=np.int64)]),
        spare_funded_milli=np.zeros((n, 2), dtype=np.int64),
    )


def settled(parts: list[Claims], left_milli: int) -> tuple[list[Numbers], HeldItems, Numbers]:
    lines = FunderLines(NOBODYS, np.zeros(1, dtype=np.int64))
    left = np.array([left_milli])
    while True:
        made = [part.exchanged(PRICE, 1, lines) for part in parts]
        told = [HeldItems.of(one, 0, PRICE, frozenset()) for one in made]
        together = sum(told[1:], start=told[0])
        if not together.paid.overdrawn(left).any():
            return [one.item for one in made], together, lines.price
        lines = replace(lines, price=together.paid.raised(lines.price, left, 1))


def test_who_brings_least_for_the_suppliers_money_takes_another_item() -> None:
    # a loss of .4 for 100 brings more than .5 for 500
    (item,), told, _ = settled([of_dairy([0.4, 0.5, 0.3], [100, 500, 100])], 250)
    assert item[:, 0].tolist() == [BANANA, BREAD, BANANA]
    assert item[:, 1].tolist() == [MILK] * 3
    assert told.paid.milli.tolist() == [200]


@pytest.mark.parametrize("left_milli", [0, 99, 100, 350, 900])
def test_no_budget_is_overdrawn_and_buckets_change_nothing(left_milli: int) -> None:
    found = of_dairy([0.4, 0.5, 0.3, 0.2], [100, 500, 100, 200])

    def part(rows: slice) -> Claims:
        return Claims(**{name: values[rows] for name, values in vars(found).items()})

    whole, told, price = settled([part(slice(None))], left_milli)
    apart, told_apart, price_apart = settled([part(slice(0, 1)), part(slice(1, 4))], left_milli)
    assert told.paid.milli[0] <= left_milli
    assert price.tolist() == price_apart.tolist()
    assert told.paid.milli.tolist() == told_apart.paid.milli.tolist()
    assert np.concatenate(apart).tolist() == whole[0].tolist()


def test_a_funded_spare_is_asked_its_price_too() -> None:
    found = of_dairy([0.1, 0.1], [0, 0])
    found = replace(
        found,
        item=np.tile([TEA, NO_ITEM], (2, 1)),
        spare_item=np.tile([BANANA, NO_ITEM], (2, 1)),
        spare_funded_milli=np.tile([100, 0], (2, 1)),
    )
    lines = FunderLines(np.array([0, -1, -1, 1]), np.array([4000, 4000]))
    found = replace(found, funded_milli=np.tile([100, 0], (2, 1)))
    made = found.exchanged(PRICE, 0, lines)
    assert (made.item == NO_ITEM).all()
    assert HeldItems.of(made, 0, PRICE, frozenset()).paid.milli.tolist() == [0, 0]
