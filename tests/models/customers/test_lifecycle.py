"""Where customers stand who came once, on one day only, every day, or only to bring something back."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.customers.lifecycle import LifecycleRules, latest_answers, lifecycle
from models.customers.lifetime import GammaGamma, LifetimeModel, ParetoNbd
from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.feature_matrix import customer_matrix
from models.features.habits import Margins, read_habits
from models.features.recipe import CUSTOMER_FEATURES
from models.ground.moment import local_midnight
from tests.models.customers.test_loyalty import RULES
from tests.models.fitted_versions import RHYTHM
from tests.models.literal import Line, purchases, shelf

MILK, BREAD = range(2)
SHELF = shelf(("milk", ("DAIRY", "MILK"), 100, ""), ("bread", ("BAKERY", "BREAD"), 250, ""))
ONCE, ONE_DAY, OFTEN, RETURNS, NEVER, REFUSED = range(6)
IDS = ["once", "one_day", "often", "returns", "never", "refused"]
OFTEN_DAYS = pd.date_range("2023-03-06", "2023-12-30", freq="D")  # 300 days in a row
LINES: list[Line] = [
    (ONCE, MILK, "2023-12-20T10:00Z", 1, 100, 0),
    (ONE_DAY, MILK, "2023-12-20T09:00Z", 1, 60, 40),
    (ONE_DAY, BREAD, "2023-12-20T12:00Z", 1, 250, 0),
    (ONE_DAY, MILK, "2023-12-20T19:00Z", 1, 100, 0),
    (RETURNS, MILK, "2023-12-20T10:00Z", -1, -100, 0),
    *((OFTEN, MILK, f"{day:%Y-%m-%d}T10:00Z", 1, 100, 0) for day in OFTEN_DAYS),
]
AS_OF = local_midnight(date(2024, 1, 1), "UTC")
PEOPLE = pd.DataFrame(
    {
        "customer_no": np.arange(6, dtype=np.int32),
        "customer_id": IDS,
        "joined_on": pd.to_datetime([None, None, None, None, "2023-12-01", None]),
        "consent": pd.Series([None, None, True, None, None, False], dtype="boolean"),
    }
)
WORTH = LifetimeModel(
    ParetoNbd(1.46, 1.48, 8.3, 7657.0), GammaGamma(0.67, 3.4, 13_850.0), 84, 1.0, 0.0, 0.7, 0.9
)
ANSWERS = pd.DataFrame(
    {
        "customer_id": ["often", "often", "once", "once"],
        "answered_at": pd.to_datetime(
            ["2023-05-01T10:00Z", "2023-11-01T10:00Z", "2022-01-01T10:00Z", "2024-01-02T10:00Z"], utc=True
        ),
        "kind": ["nps", "nps", "nps", "nps"],
        "score": [3, 10, 9, 1],
    }
)


def everybody(
    tmp_path: Path, *, lifetime: LifetimeModel | None = WORTH, answers: pd.DataFrame | None = None
) -> pd.DataFrame:
    items = pd.DataFrame({"item_no": [MILK, BREAD], "cost_minor": [70.0, 200.0], "assumed_bp": [3000, 3000]})
    margins = Margins(items, 3000, RULES.period_days)
    file = purchases(tmp_path / "purchases.parquet", LINES)
    with open_history(file, build_catalogue(SHELF, "product"), AS_OF) as history:
        customers, habits = customer_matrix(history, CUSTOMER_FEATURES), read_habits(history, margins)
    rules = LifecycleRules(RULES, margins, answers)
    return lifecycle(PEOPLE, customers, habits, RHYTHM, lifetime, rules, AS_OF).set_index("customer_id")


def test_everybody_known_has_a_rung(tmp_path: Path) -> None:
    assert everybody(tmp_path)["ladder"].to_dict() == {
        "once": "first_time",
        "one_day": "first_time",
        "often": "client",
        "returns": "suspect",
        "never": "prospect",
        "refused": "disqualified",
    }


def test_who_never_bought_has_no_numbers_and_no_flags(tmp_path: Path) -> None:
    never = everybody(tmp_path).loc["never"]
    assert never[["visits", "loyalty", "value_visits", "margin_minor"]].isna().all()
    assert not never[["at_a_loss", "deal_only", "at_height", "reward_alarm"]].any()


def test_a_daily_customer_is_expected_nearly_every_day(tmp_path: Path) -> None:
    often = everybody(tmp_path).loc["often"]
    assert often["visits"] == 300
    assert often["value_visits"] == pytest.approx(84, rel=0.05)
    assert often["value_visits_low"] < 84 < often["value_visits_high"]


def test_expected_margin_is_expected_money_at_the_customers_own_margin(tmp_path: Path) -> None:
    people = everybody(tmp_path)
    # milk at 100 that costs 70
    assert people.loc["often", "value_margin_minor"] == pytest.approx(
        0.30 * people.loc["often", "value_spend_minor"]
    )
    assert not people.loc["often", "margin_assumed"]


def test_a_day_with_a_discount_below_cost_is_no_loss_while_the_rest_earns(tmp_path: Path) -> None:
    one_day = everybody(tmp_path).loc["one_day"]
    # milk: 60 + 100 - 2 x 70, bread: 250 - 200
    assert (one_day["margin_minor"], one_day["at_a_loss"]) == (70, False)


def test_an_answer_makes_an_advocate_and_decides_the_loyalty(tmp_path: Path) -> None:
    often = everybody(tmp_path, answers=ANSWERS).loc["often"]
    assert (often["ladder"], often["loyalty"], often["loyalty_answered"]) == ("advocate", "true", True)


def test_only_the_last_answer_counts_and_none_that_is_old_or_to_come() -> None:
    found = latest_answers(ANSWERS, AS_OF, days=364)
    assert found["nps"].to_dict() == {"often": 10.0}


def test_of_several_parameters_the_mean_of_the_last_scores_is_the_customers_satisfaction() -> None:
    answers = pd.DataFrame(
        {
            "customer_id": "often",
            "answered_at": pd.to_datetime(["2023-10-01T10:00Z"] * 2 + ["2023-11-01T10:00Z"], utc=True),
            "kind": "csi",
            "score": [1, 5, 3],
            "parameter": ["staff", "freshness", "staff"],
        }
    )
    assert latest_answers(answers, AS_OF, days=364)["csi"].to_dict() == {"often": 4.0}


def test_a_shop_without_a_lifetime_model_says_nothing_about_worth(tmp_path: Path) -> None:
    assert "value_visits" not in everybody(tmp_path, lifetime=None)
