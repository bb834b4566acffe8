from dataclasses import asdict

import numpy as np
import pandas as pd

from engine.nightly.folder.customer_scores import customer_scores, lifecycle_rules
from engine.programme import load_programme, parse_programme, programme_text
from models.tables import STANDINGS

ARMS = {"ann": "treated", "ben": "holdout"}
STANDING = pd.DataFrame(
    {
        "customer_no": [0, 1],
        "customer_id": ["ann", "ben"],
        "ladder": ["client", "prospect"],
        "loyalty": ["true", None],
        "loyalty_answered": [True, False],
        "visits": [40.0, np.nan],
        "visits_in_period": [12.0, np.nan],
        "days_since_visit": [4.0, np.nan],
        "visit_gap_days": [6.6, np.nan],
        "deal_share_bp": [4000.4, np.nan],
        "discount_share_bp": [1200.0, np.nan],
        "discount_share_before_bp": [600.0, np.nan],
        "margin_minor": [-150.4, np.nan],
        "margin_assumed": [True, None],
        "at_a_loss": [True, False],
        "deal_only": [False, False],
        "at_height": [False, False],
        "reward_alarm": [True, False],
    }
)


def test_the_table_has_the_documented_columns_whether_or_not_worth_is_known() -> None:
    assert tuple(customer_scores(STANDING, ARMS).columns) == STANDINGS.names


def test_money_is_whole_minor_units_and_missing_where_nothing_is_known() -> None:
    table = customer_scores(STANDING, ARMS)
    assert table["margin_minor"].tolist() == [-150, pd.NA]
    assert table["value_spend_minor"].isna().all()


def test_the_finest_family_that_the_owner_names_gives_the_assumed_margin() -> None:
    text = programme_text().replace(
        "[assumed_margin_bp.families]", "[assumed_margin_bp.families]\nDAIRY = 2000\nMILK = 1000\n"
    )
    items = pd.DataFrame(
        {
            "family_1": ["DAIRY", "DAIRY", "FRUIT", None],
            "family_2": ["MILK", "CREAM", "APPLES", None],
            "family_3": None,
            "family_4": None,
            "cost_minor": [np.nan] * 4,
        }
    )
    rules = lifecycle_rules(parse_programme(text, "x"), items, None)
    assert rules.margins.items["assumed_bp"].tolist() == [1000, 2000, 3000, 3000]


def test_every_threshold_of_the_programme_reaches_the_rules_of_the_models() -> None:
    items = pd.DataFrame(
        {
            "family_1": [],
            "family_2": [],
            "family_3": [],
            "family_4": [],
            "cost_minor": np.array([], np.float64),
        }
    )
    rules = lifecycle_rules(load_programme(), items, None).loyalty
    assert asdict(rules) == load_programme().loyalty.model_dump()
