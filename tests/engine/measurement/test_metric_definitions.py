from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.measurement.metric_definitions import METRICS, Totals, as_markdown

# 100 customers at the start; 80 of them and 20 others at the end.
SHOP = Totals(
    at_start=100,
    at_end=100,
    joined=20,
    came=50,
    came_again=30,
    visits=150,
    paid_minor=60_000,
    margin_minor=15_000.0,
    families=500,
    comparable=40,
    upsold=6,
    promoters=12,
    detractors=3,
    nps_answers=20,
    csi_sum=84,
    csi_answers=20,
    spends_minor=np.array([3_000.0] * 10 + [750.0] * 40),
)
NOBODY = Totals(*([0] * 16), spends_minor=np.zeros(0))
ROOT = Path(__file__).parents[3]
OF = {metric.name: metric.of for metric in METRICS}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retention_rate", 0.80),
        ("churn_rate", 0.20),
        ("lifetime_value", 300 / 0.20),
        ("repeat_purchase_rate", 0.60),
        ("upsell_rate", 0.15),
        ("frequency", 3.0),
        ("average_basket", 400.0),
        ("breadth", 10.0),
        ("pareto_share", 0.50),
        ("nps", 45.0),
        ("csi", 4.2),
    ],
)
def test_a_metric_of_a_written_out_shop(name: str, value: float) -> None:
    assert OF[name](SHOP) == pytest.approx(value)


@pytest.mark.parametrize("name", OF)
def test_nothing_is_defined_where_there_is_nobody(name: str) -> None:
    assert OF[name](NOBODY) is None


def test_a_shop_that_nobody_leaves_has_no_lifetime_value() -> None:
    assert OF["lifetime_value"](replace(SHOP, joined=0)) is None


def test_a_shop_that_everybody_leaves_retains_none_of_them() -> None:
    assert OF["retention_rate"](replace(SHOP, at_end=20, joined=20)) == 0.0


def test_the_best_fifth_is_at_least_one_customer() -> None:
    three = replace(SHOP, came=3, paid_minor=600, spends_minor=np.array([100.0, 200.0, 300.0]))
    assert OF["pareto_share"](three) == pytest.approx(0.5)


def test_two_groups_add_up() -> None:
    both = SHOP + SHOP
    assert (both.visits, len(both.spends_minor)) == (300, 100)
    assert OF["pareto_share"](both) == OF["pareto_share"](SHOP)


def test_the_documented_table_is_the_code() -> None:
    assert as_markdown() in (ROOT / "docs/customers.md").read_text(encoding="utf-8")
