from datetime import date
from pathlib import Path

import pytest

from models.customers.lifetime import LifetimeModel
from models.ground.moment import local_midnight
from models.sources import load, open_data
from tests.shop import write_shop
from training.fitting.affinity_fit import Learnt
from training.fitting.fit import survey
from training.fitting.fit_profile import FitProfile
from training.fitting.lifetime_fit import learn_lifetime


def learn(folder: Path, *, customers: int, days: int) -> Learnt[LifetimeModel | None]:
    write_shop(
        folder / "shop", customers=customers, products=20, days=days, seed=5, last_day=date(2024, 3, 30)
    )
    load(folder / "shop", folder / "workspace")
    data, as_of = open_data(folder / "workspace"), local_midnight(date(2024, 3, 31), "UTC")
    ground = survey(data, as_of, "product", FitProfile(), 1)
    return learn_lifetime(
        ground.customers, data, ground.shop.catalogue, as_of, ground.first_day, FitProfile(), 1
    )


@pytest.fixture(scope="module")
def five_months(tmp_path_factory: pytest.TempPathFactory) -> Learnt[LifetimeModel | None]:
    return learn(tmp_path_factory.mktemp("five_months"), customers=40, days=150)


def test_five_months_of_forty_customers_is_enough_to_rehearse(
    five_months: Learnt[LifetimeModel | None],
) -> None:
    assert five_months.model is not None
    assert five_months.note is None
    assert five_months.model.horizon_days == 182


def test_the_model_is_held_against_the_own_rate_and_the_mean_one(
    five_months: Learnt[LifetimeModel | None],
) -> None:
    metrics = five_months.metrics
    assert metrics["visits_off"] < min(metrics["rule_visits_off"], metrics["constant_visits_off"])


def test_a_week_of_history_has_no_rehearsal_and_says_so(tmp_path: Path) -> None:
    learnt = learn(tmp_path, customers=40, days=12)
    assert learnt.model is not None
    assert learnt.model.level == 1.0
    assert "too few to rehearse" in str(learnt.note)


def test_five_customers_are_too_few_to_say_what_they_are_worth(tmp_path: Path) -> None:
    learnt = learn(tmp_path, customers=5, days=60)
    assert learnt.model is None
    assert "learning it needs 30 customers" in str(learnt.note)


def test_learning_twice_learns_the_same(tmp_path: Path, five_months: Learnt[LifetimeModel | None]) -> None:
    assert learn(tmp_path, customers=40, days=150).model == five_months.model
