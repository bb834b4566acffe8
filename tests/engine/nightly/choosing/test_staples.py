"""Who loses least gives the staple up, and the rest of the night's rules stay kept."""

from dataclasses import replace

import numpy as np
import pytest

from engine.nightly.choosing.price_grid import AT_NO_PRICE, ITEM_PRICES, Numbers
from engine.nightly.choosing.staples import NO_ITEM, Claims, HeldItems, most_of

BANANA, MILK, BREAD, TEA = range(4)


def claims(loss: list[float], *, spares: bool = True) -> Claims:
    """A customer for each number, with bananas and milk; for bananas they could have bread, worth so much less, or tea."""
    n = len(loss)
    ones = np.ones((n, 2))
    spare = [BREAD, TEA] if spares else [NO_ITEM, NO_ITEM]
    return Claims(
        customer=np.arange(n),
        level=np.ones(n, dtype=np.int64),
        reach=np.full(n, 9),
        served=np.ones(n, dtype=np.bool_),
        item=np.tile([BANANA, MILK], (n, 1)),
        value=np.tile([1.0, 0.5], (n, 1)),
        new=ones == 0,
        p_buy=np.tile([0.8, 0.5], (n, 1)),
        spare_item=np.tile(spare, (n, 1)),
        spare_value=np.column_stack([1.0 - np.array(loss), np.zeros(n)]),
        spare_new=ones == 0,
        spare_p_buy=np.tile([0.3, 0.1], (n, 1)),
    )


def settled(found: Claims, share: float, min_items: int = 1) -> tuple[Numbers, Numbers, HeldItems]:
    """Items and prices once nothing stands in too many bundles."""
    price = np.zeros(4, dtype=np.int64)
    while True:
        made = found.exchanged(price, min_items)
        told = HeldItems.of(made, 0, price, frozenset(np.flatnonzero(price).tolist()))
        if not told.too_many(share):
            return made.item, price, told
        price = told.raised(price, share, 1)


def test_who_loses_least_gives_it_up_and_the_price_is_what_the_last_of_them_lost() -> None:
    found = replace(claims([0.1, 0.4, 0.2, 0.3]), item=np.tile([BANANA, NO_ITEM], (4, 1)))
    item, price, told = settled(found, 0.5)
    assert item[:, 0].tolist() == [BREAD, BANANA, BREAD, BANANA]
    assert 0.2 < ITEM_PRICES[price[BANANA]] < 0.21
    assert told.lost_milli == 1000


def test_what_is_exchanged_for_a_staple_may_become_one() -> None:
    found = replace(claims([0.1, 0.2, 0.3, 0.4]), item=np.tile([BANANA, NO_ITEM], (4, 1)))
    item, price, told = settled(found, 0.25)
    assert told.holding.max() == 1
    assert told.bundles < 4
    assert min(price[BANANA], price[BREAD]) > 0
    assert (item[:, 0] == NO_ITEM).any()


def alone(min_items: int) -> tuple[Numbers, HeldItems]:
    """Three customers with bananas and a thing of their own each, and nothing to exchange for."""
    own = np.column_stack([np.full(3, BANANA), [MILK, BREAD, TEA]])
    worth = np.array([[3.0, 0.5], [2.0, 0.5], [1.0, 0.5]])
    item, _, told = settled(replace(claims([0.1] * 3, spares=False), item=own, value=worth), 0.34, min_items)
    return item, told


def test_a_place_without_another_item_stays_empty_while_the_bundle_is_large_enough() -> None:
    item, told = alone(1)
    assert item.tolist() == [[BANANA, MILK], [NO_ITEM, BREAD], [NO_ITEM, TEA]]
    assert told.bundles == 3


def test_a_bundle_that_would_be_too_small_is_given_up_whole() -> None:
    _, told = alone(2)
    assert (told.bundles, told.holding.tolist()) == (1, [1, 1, 0, 0])


def test_bundles_that_are_given_up_do_not_lower_what_the_others_may_keep() -> None:
    found = claims([0.1] * 8, spares=False)
    found = replace(found, value=np.linspace(1.0, 2.0, 16).reshape(8, 2))
    _, _, told = settled(found, 0.5, 2)
    assert (told.bundles, told.holding.tolist()) == (4, [4, 4, 0, 0])


def test_the_answer_is_the_same_from_one_bucket_and_from_three() -> None:
    found = claims([0.1, 0.4, 0.2, 0.3, 0.6, 0.5])
    price = np.array([1, 1, 0, 0])
    looked_at = frozenset({BANANA, MILK})

    def of(rows: slice) -> HeldItems:
        part = Claims(**{name: values[rows] for name, values in vars(found).items() if values is not None})
        return HeldItems.of(part.exchanged(price, 1), 0, price, looked_at)

    whole, parts = of(slice(None)), of(slice(0, 1)) + (of(slice(1, 4)) + of(slice(4, 6)))
    assert parts.raised(price, 0.5, 1).tolist() == whole.raised(price, 0.5, 1).tolist()
    assert parts.lost_milli == whole.lost_milli


def test_what_is_only_logged_and_what_the_budget_leaves_out_does_not_count() -> None:
    found = replace(claims([0.1, 0.2, 0.3]), served=np.array([True, False, True]), reach=np.array([9, 9, 3]))
    told = HeldItems.of(found.exchanged(np.zeros(4, dtype=np.int64), 1), 5, np.zeros(4), frozenset())
    assert (told.bundles, told.holding.tolist()) == (1, [1, 1, 0, 0])


@pytest.mark.parametrize(("bundles", "most"), [(0, 1), (2, 1), (10, 3), (11, 3), (1000, 300)])
def test_a_share_is_rounded_down_and_one_bundle_is_always_allowed(bundles: int, most: int) -> None:
    assert most_of(bundles, 0.3) == most


def test_at_no_price_nobody_keeps_an_item() -> None:
    price = np.array([AT_NO_PRICE, 0, 0, 0])
    assert claims([0.1, 0.9]).exchanged(price, 1).item[:, 0].tolist() == [BREAD, BREAD]
