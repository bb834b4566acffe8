from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.measurement.metric_definitions import METRICS
from engine.measurement.metric_intervals import DRAWS, draws_of, interval
from engine.measurement.period_totals import MeasuredPeriod, added_by, added_by_answers, answers_in, totals_of
from engine.measurement.programme_metrics import programme_metrics
from engine.programme import load_programme
from models.effects.sample_means import wilson
from models.features.catalogue import build_catalogue
from models.features.habits import margins_of
from models.ground.moment import parse_moment
from models.sources import load, open_data
from tests.shop import write_shop

METRIC = {metric.name: metric for metric in METRICS}


def group_of(n: int, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """So many customers who bought, four in five of them for the second time, and no answers."""
    rng = np.random.default_rng(seed)
    visits = 1 + (rng.random(n) < 0.8) * rng.poisson(3, n)
    people = pd.DataFrame(
        {
            "customer_no": np.arange(n),
            "at_start": rng.random(n) < 0.9,
            "at_end": True,
            "visits": visits,
            "paid_minor": visits * rng.gamma(2.0, 500.0, n).round(),
            "margin_minor": visits * 100.0,
            "families": visits + 1,
            "dearness": np.nan,
        }
    )
    period = MeasuredPeriod(*(parse_moment(day, "UTC") for day in ("2024-03-01", "2024-04-01")), 28)
    return people, answers_in(None, period)


def test_a_share_of_all_is_no_certainty() -> None:
    assert wilson(1.0, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


@pytest.mark.parametrize(
    "name", ["frequency", "average_basket", "breadth", "pareto_share", "repeat_purchase_rate"]
)
def test_more_customers_narrow_the_interval_around_the_figure(name: str) -> None:
    widths = []
    for n in (100, 1600):
        people, answers = group_of(n)
        totals = totals_of(people, answers)
        drawn = draws_of(added_by(people), added_by_answers(answers), np.random.default_rng(0))
        found, value = interval(METRIC[name], totals, drawn), METRIC[name].of(totals)
        assert found is not None
        assert value is not None
        assert found[0] < value < found[1]
        widths.append(found[1] - found[0])
    assert 2.5 < widths[0] / widths[1] < 6.5  # four times, as the root of sixteen


def test_the_draws_of_a_group_are_sums_around_its_own() -> None:
    people, answers = group_of(400)
    each = added_by(people)
    drawn = draws_of(each, added_by_answers(answers), np.random.default_rng(0)).sums
    assert drawn.shape == (DRAWS, 16)
    np.testing.assert_allclose(drawn[:, :11].mean(axis=0)[:9], each.sum(axis=0)[:9], rtol=0.03)


def test_one_customer_shows_no_ratio(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", customers=30, products=20, days=120, seed=5, last_day=date(2024, 5, 10))
    load(tmp_path / "shop", tmp_path / "workspace", buckets=2)
    data = open_data(tmp_path / "workspace")
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    margins = margins_of(catalogue.items, load_programme().assumed_margin_bp.of, 28)
    period = MeasuredPeriod(*(parse_moment(day, "UTC") for day in ("2024-04-01", "2024-05-01")), 28)
    one = pd.DataFrame({"customer_id": ["c001"], "segment": ["lost"]})
    found = programme_metrics(data, catalogue, margins, period, lambda _bucket: one)
    lost = found[found["segment"] == "lost"].set_index("metric")
    assert lost["value"].isna().all()
    assert lost.loc["retention_rate", "undefined"] == "it rests on 1, a ratio needs 20"
    everybody = found[found["segment"] == "everybody"].set_index("metric")
    assert everybody.loc["frequency", "n"] >= 20
    assert (
        everybody.loc["frequency", "low"]
        < everybody.loc["frequency", "value"]
        < everybody.loc["frequency", "high"]
    )
