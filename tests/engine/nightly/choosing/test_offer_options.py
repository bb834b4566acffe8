from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from engine.domain.eligibility import Removal
from engine.nightly.choosing.offer_options import build_options
from engine.nightly.shelf.assortment import REMOVALS, build_assortment
from models.ground.errors import BadInput
from models.tables import ITEM_NO
from tests.engine.nightly.bucket import candidates, customers, items, options, programme


def test_expected_cost_is_p_buy_times_units_times_the_discount_of_one_unit() -> None:
    made = options([299], [0.25], expected_units=2.0)
    # 10, 15 and 20 % of 299 are 30, 45 and 60; times .25 x 2 = 15, 22.5 and 30 minor units.
    assert made.discount_minor.tolist() == [[30, 45, 60]]
    assert made.expected_cost_milli.tolist() == [[15_000, 22_500, 30_000]]


def test_expected_cost_is_rounded_up_but_not_by_the_noise_of_floats() -> None:
    assert options([300, 300], [0.1, 1 / 30_000]).expected_cost_milli[:, 0].tolist() == [3000, 1]


def test_units_beyond_the_cap_cost_nothing() -> None:
    capped = options([200], [0.5], expected_units=9.0)
    assert (capped.expected_units.tolist(), capped.expected_cost_milli[0, 0]) == ([4.0], 40_000)


@pytest.mark.parametrize(
    ("item_columns", "price", "removal"),
    [
        ({"flags": "own_brand;alcohol"}, 200, Removal.EXCLUDED_FLAG),
        ({"flags": "own_brand"}, 200, None),
        ({"family_2": "CIGARETTES"}, 200, Removal.EXCLUDED_FAMILY),
        ({}, np.nan, Removal.NO_PRICE),
        ({}, 0, Removal.NO_PRICE),
        ({}, 55, Removal.PRICE_FLOOR),
        ({"cost_minor": 172.0}, 200, Removal.MARGIN_FLOOR),
        ({"cost_minor": 171.0}, 200, None),
    ],
)
def test_an_item_is_removed_by_the_first_rule_that_forbids_it(
    item_columns: dict[str, object], price: float, removal: Removal | None
) -> None:
    assortment = build_assortment(
        items([price], **item_columns),
        programme(("families = []               # names", 'families = ["CIGARETTES"]   # names')),
    )
    assert REMOVALS[assortment.removed_by[0]] is removal
    assert assortment.allowed[0, 0] == (removal is None)


def test_floors_forbid_the_deeper_depths_first() -> None:
    by_price = build_assortment(items([60, 56, 55]), programme())  # at 10 %: 54, 50, 49; at 15 %: 51, 48, 47
    assert by_price.allowed.tolist() == [[True, True, False], [True, False, False], [False, False, False]]
    by_margin = build_assortment(items([200], cost_minor=160.0), programme())  # 180, 170 and 160 for 160
    assert by_margin.allowed.tolist() == [[True, True, False]]


def test_an_assumed_margin_stands_in_for_an_unknown_cost_and_says_so() -> None:
    rules = programme(("default = 3000", "default = 2000"), ("offered = true", "offered = false"))
    assortment = build_assortment(items([1000, 1000], cost_minor=[np.nan, 100.0]), rules)
    # With 20 % margin, 15 % off leaves 5 of 85, just above the floor of 5 %; 20 % off leaves nothing.
    assert assortment.allowed.tolist() == [[True, True, False], [True, True, True]]
    assert assortment.margin_assumed.tolist() == [True, False]


def test_a_family_is_offered_without_a_price_and_planned_with_its_mean_unit_price() -> None:
    rules = programme(('item_level = "product"', 'item_level = "family_2"'))
    assortment = build_assortment(items([np.nan, np.nan], unit_price_minor=[200.0, np.nan]), rules)
    assert assortment.allowed.any(axis=1).tolist() == [True, False]
    assert (assortment.price_minor.tolist(), assortment.discount_minor[0].tolist()) == (
        [-1, -1],
        [20, 30, 40],
    )


def test_candidates_without_items_give_no_options() -> None:
    assert options(
        [200],
        [],
    ).expected_cost_milli.shape == (0, 3)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"p_buy": [0.1, 0.2]}, "sorted by customer_no and falling p_buy"),
        ({"p_buy": [1.1, 0.2]}, "p_buy between 0 and 1"),
        ({"p_buy": [np.nan, 0.2]}, "p_buy between 0 and 1"),
        ({"expected_units": [np.nan, 1.0]}, "finite, non-negative expected_units"),
        ({"customer_no": [0, 7]}, "of the given customers only"),
    ],
)
def test_broken_candidates_are_refused(columns: dict[str, list[float]], message: str) -> None:
    assortment = build_assortment(items([200, 200]), programme())
    broken = candidates([0.2, 0.1]).assign(**columns)
    with pytest.raises(BadInput, match=message):
        build_options(
            customers(), broken, assortment, max_units=4, seed=1, churn_horizon_days=28, day=date(2017, 12, 4)
        )


def test_options_carry_the_churn_of_their_customer() -> None:
    assortment = build_assortment(items([200]), programme())
    two = pd.concat([candidates([0.2]), candidates([0.3], customer_no=1)])
    made = build_options(
        customers(2, p_churn=[0.1, 0.9]),
        two,
        assortment,
        max_units=4,
        seed=1,
        churn_horizon_days=28,
        day=date(2017, 12, 4),
    )
    assert made.p_churn.tolist() == [0.1, 0.9]


def test_no_discount_is_given_that_everybody_gets_by_a_planned_promotion() -> None:
    # 10, 15 and 20 % of 200 are 20, 30 and 40
    made = options([200, 200, 200, 200], [0.4, 0.3, 0.2, 0.1], planned_off_minor=[0.0, 30.0, 40.0, 19.0])
    assert made.allowed.tolist() == [
        [True, True, True],
        [False, False, True],
        [False, False, False],
        [True, True, True],
    ]
    assert [REMOVALS[code] for code in made.removed_by] == [None, None, Removal.PLANNED_PROMOTION, None]


def test_an_item_that_is_excluded_anyway_keeps_its_reason() -> None:
    made = options([200], [0.4], item_columns={"flags": "alcohol"}, planned_off_minor=[40.0])
    assert REMOVALS[made.removed_by[0]] is Removal.EXCLUDED_FLAG


class _NoSecondItem:
    """Takes the second item of the shelf from everybody."""

    removal = Removal.POLICY

    def bars(
        self, customers: pd.DataFrame, candidates: pd.DataFrame, item_id: npt.NDArray[np.object_]
    ) -> npt.NDArray[np.bool_]:
        assert list(customers["customer_id"]) == ["c0"]
        return np.asarray(item_id[candidates[ITEM_NO]] == "b")


def test_a_rule_takes_a_candidate_at_every_depth_and_is_named_unless_another_one_came_first() -> None:
    for price, named in ((200, Removal.POLICY), (0, Removal.NO_PRICE)):
        made = build_options(
            customers(),
            candidates([0.5, 0.4]),
            build_assortment(items([200, price]), programme()),
            max_units=4,
            seed=1,
            churn_horizon_days=28,
            day=date(2017, 12, 4),
            rules=[_NoSecondItem()],
        )
        assert [REMOVALS[code] for code in made.removed_by] == [None, named]
        assert made.allowed.tolist() == [[True, True, True], [False, False, False]]
