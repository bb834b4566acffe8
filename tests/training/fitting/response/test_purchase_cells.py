import numpy as np
import pandas as pd
import pytest

from training.fitting.response.promotion_panel import panel_of
from training.fitting.response.purchase_cells import LINE_COLUMNS, CellSetting, count_frame

SETTING = CellSetting(weeks=4, first_week=2, block_weeks=2)
LINES = pd.DataFrame(
    [
        # customer, product, family, day, units, list, off, margin
        (1, 7, 0, -3, 1.0, 200, 0, 60),
        (1, 7, 0, 3, 1.0, 200, 0, 60),
        (1, 7, 0, 14, 2.0, 400, 80, 120),
        (1, 7, 0, 21, 1.0, 200, 0, 60),
        (2, 7, 0, 15, 1.0, 200, 40, 60),
        (2, 7, 0, 15, 1.0, 200, 40, 60),
        (2, 7, 0, 22, 1.0, 200, 0, 60),
        (3, 7, 0, 8, 1.0, 200, 100, 60),
        (3, 9, 1, 8, 3.0, 300, 0, 90),
        (3, 9, 1, 28, 3.0, 300, 0, 90),
    ],
    columns=list(LINE_COLUMNS),
)


def test_familiarity_is_frozen_before_each_block_of_weeks() -> None:
    cells = count_frame(LINES, SETTING).cells
    later = cells[cells["week"] >= 2][["week", "familiarity", "depth_pct", "days", "units"]]

    assert later.to_numpy().tolist() == [
        [2, 0, 20, 1, 2],  # customer 2, two lines of a day
        [2, 1, 20, 1, 2],  # customer 1, who bought it on two days before
        [3, 0, 0, 1, 1],  # customer 2 again: the purchase of a week ago is in the same block
        [3, 1, 0, 1, 1],
    ]


def test_counts_of_buckets_add_up_to_those_of_the_shop() -> None:
    whole = count_frame(LINES, SETTING)
    parts = [count_frame(LINES[LINES["customer"] == number], SETTING) for number in (1, 2, 3)]
    together = parts[0].plus(parts[1]).plus(parts[2])

    pd.testing.assert_frame_equal(together.cells, whole.cells, check_dtype=False)
    pd.testing.assert_frame_equal(together.families, whole.families, check_dtype=False)


def test_a_products_depth_is_what_most_of_its_buyers_saw() -> None:
    panel = panel_of(count_frame(LINES, SETTING), SETTING)

    assert panel.product.tolist() == [7]  # product 9 sells in one week of four
    assert panel.depth == pytest.approx(np.array([[0.0, 0.5, 0.2, 0.0]]))
    assert panel.margin.tolist() == [[60.0, 60.0, 240.0, 120.0]]
    assert panel.family_margin.tolist() == [[60.0, 60.0, 240.0, 120.0], [0.0, 90.0, 0.0, 0.0]]
    assert panel.shop_days.tolist() == [1.0, 2.0, 2.0, 2.0]


def test_what_else_the_chain_did_stands_beside_its_product_and_week() -> None:
    shown = pd.DataFrame({"product": [7, 9, 7], "week": [2, 2, 9], "mailer": [1.0, 1.0, 1.0]})
    panel = panel_of(count_frame(LINES, SETTING), SETTING, shown)

    assert panel.controls.tolist() == [[[0.0, 0.0, 1.0, 0.0]]]
