"""Money that grants paid is a cost of the programme and no discount of an offer."""

import numpy as np
import numpy.typing as npt
import pytest

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.customer_weeks import ReportedWeeks
from engine.reports.efficiency import efficiency
from models.effects.drawn_arms import Arms
from models.ground.moment import parse_moment

N = 400
NOBODY = np.zeros(N)
TREATED = np.arange(N) % 2 == 0


def arms(granted: npt.NDArray[np.float64] | float) -> ComparedArms:
    """Each treated customer left 3.00 more margin and used 1.00 of offers."""
    noise = np.random.default_rng(3).normal(0, 10, N)
    return ComparedArms(
        customer_id=np.array([f"c{one:03d}" for one in range(N)]),
        arms=Arms.of(TREATED),
        seen_week=np.zeros(N, dtype=np.int64),
        margin=(np.where(TREATED, 300.0, 0.0) + noise)[:, None],
        spend=NOBODY,
        visits=NOBODY,
        active=np.zeros((N, 1), dtype=bool),
        figures=None,
        before=np.zeros((N, 0)),
        discount=np.where(TREATED, 100.0, 0.0),
        funded=NOBODY,
        redemptions=NOBODY,
        served=TREATED,
        reached=TREATED,
        own_discount=np.zeros((N, 2)),
        complained=np.zeros((N, 1), dtype=bool),
        nps=np.full((N, 1), np.nan),
        crossed=0,
        torn=0,
        silent_stores={},
        granted=granted,
    )


def figures(granted: npt.NDArray[np.float64] | float) -> dict[str, float | None]:
    begins = parse_moment("2017-12-04", "UTC", "--from")
    report = efficiency(arms(granted), [], ReportedWeeks(begins, begins, 1, 0, begins), 0.0, net=False)
    return {line.name: line.figures[0].value for line in report.tables[0].lines}


def test_without_grants_the_report_says_nothing_of_them() -> None:
    assert figures(0.0)["discount and running cost"] == pytest.approx(100.0)


def test_what_grants_paid_is_cost_and_the_margin_is_before_it() -> None:
    found = figures(np.where(TREATED, 50.0, 0.0))
    assert found["discount, grants and running cost"] == pytest.approx(150.0)
    before, left = found["margin gained before discounts"], found["left"]
    assert before is not None
    assert left is not None
    assert (before, left) == (pytest.approx(450, abs=3), pytest.approx(300, abs=3))
