"""The fast loop's offers are what rotation remembers of them."""

import numpy as np
import pandas as pd

from engine.nightly.shelf.assortment import build_assortment
from engine.programme import parse_programme
from tests.engine.nightly import bucket
from tests.engine.nightly.shop_nights import with_rotation
from training.simulator.loop.offered_weeks import limits_of, rotation_of
from training.simulator.scores.lived import OFFER_COLUMNS, offers_of

RULES = parse_programme(
    with_rotation("item_bundles = 1\nreturning = 1\nfatigue_offers = 1\nfatigue_days = 28"), "x"
)
SHELF = build_assortment(bucket.items([199, 199, 199, 199]), RULES)
HOUSEHOLDS = np.array(["c0", "c1"], dtype=object)


def offers(*rows: tuple[int, int, int]) -> pd.DataFrame:
    """Household, product, first day; each for a week."""
    household, product, first = (np.array(column) for column in zip(*rows, strict=True))
    return offers_of(
        offer_no=np.arange(len(rows)),
        household=household,
        product=product,
        discount_bp=np.full(len(rows), 1000),
        max_units=np.full(len(rows), 4),
        first_day=first,
        end_day=first + 7,
        is_new=np.zeros(len(rows), dtype=np.bool_),
        expected_cost_milli=np.zeros(len(rows), dtype=np.int64),
    )[list(OFFER_COLUMNS)]


def test_what_was_offered_last_week_rests_and_what_was_used_before_is_not_tired() -> None:
    before = offers((0, 0, 0), (0, 1, 0), (0, 2, 7), (1, 3, 7))
    found = rotation_of(RULES, SHELF, before, np.array([1]), HOUSEHOLDS, 14)
    people, candidates = bucket.customers(2), bucket.candidates([0.4, 0.3, 0.2, 0.1])
    barred = {rule.removal: rule.bars(people, candidates, SHELF.item_id).tolist() for rule in found.rules}
    assert barred == {"item_rests": [False, False, True, False], "tired": [True, False, True, False]}
    limits = limits_of(found, bucket.options([199] * 4, [0.4, 0.3, 0.2, 0.1]), np.array([0]), SHELF)
    assert limits is not None
    assert limits.returns.tolist() == [False, False, True, False]


def test_without_the_section_the_loop_keeps_nothing_back() -> None:
    none = parse_programme(with_rotation(None), "x")
    found = rotation_of(none, SHELF, offers((0, 0, 7)), np.array([0]), HOUSEHOLDS, 14)
    assert (found.rules, found.variety) == ((), None)
