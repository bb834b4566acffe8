from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.customers.overdue import Late, LateRules, late_of_bucket
from models.features.catalogue import build_catalogue
from models.ground.moment import local_midnight
from models.versions.artifact import Artifact, load_artifact, save_artifact
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest
from tests.models.literal import Line, purchases, shelf

TODAY = date(2024, 6, 3)
SHELF = shelf(("bread", ("BAKERY",), 250, ""), ("milk", ("DAIRY",), 100, "")).assign(
    cost_minor=pd.Series([None, 60], dtype="Int64")
)
BREAD_NO, MILK_NO = 0, 1


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("version")
    save_artifact(folder, manifest(), RHYTHM, *fallbacks())
    return load_artifact(folder)


def visits(customer: int, days_ago: Sequence[int], product: int = MILK_NO, paid: int = 100) -> list[Line]:
    pieces = 1 if paid >= 0 else -1
    return [
        (customer, product, f"{TODAY - timedelta(days=days)}T10:00Z", pieces, paid, 0) for days in days_ago
    ]


def late(
    folder: Path,
    artifact: Artifact,
    lines: list[Line],
    *,
    stake_days: int = 91,
    products: pd.DataFrame = SHELF,
) -> Late:
    file = purchases(folder / "lines.parquet", lines)
    items = build_catalogue(products, "product")
    rules = LateRules(0.1, 28, stake_days, np.array([0.3, 0.3]), 0.3)
    return late_of_bucket(artifact.rhythm, artifact.churn, file, items, local_midnight(TODAY, "UTC"), rules)


WEEKLY_UNTIL_A_MONTH_AGO = [30 + 7 * week for week in range(20)]


def test_late_is_said_of_the_own_cycle(tmp_path: Path, artifact: Artifact) -> None:
    lines = visits(0, WEEKLY_UNTIL_A_MONTH_AGO)
    lines += visits(1, [3 + 7 * week for week in range(20)])
    lines += visits(2, [30 + 30 * month for month in range(6)])  # comes once a month
    found = late(tmp_path, artifact, lines).customers
    assert found["customer_no"].tolist() == [0]
    row = found.iloc[0]
    assert (row["last_visit"], row["silent_days"]) == ("2024-05-04", 30)
    assert 6 < row["usual_gap_days"] < 8
    assert row["times_usual"] == pytest.approx(30 / row["usual_gap_days"])
    assert 0 < row["p_stays_away"] < 1
    assert TODAY.isoformat() <= row["back_from"] < row["back_to"]


def test_at_stake_is_what_their_rate_would_bring_with_cost_or_the_assumed_margin(
    tmp_path: Path, artifact: Artifact
) -> None:
    lines = visits(0, WEEKLY_UNTIL_A_MONTH_AGO) + visits(0, WEEKLY_UNTIL_A_MONTH_AGO, BREAD_NO, 250)
    row = late(tmp_path, artifact, lines).customers.iloc[0]
    known_days = WEEKLY_UNTIL_A_MONTH_AGO[-1] - 30 + 1
    spend, margin = 20 * 350, 20 * 40 + 20 * 250 * 0.3
    assert row["spend_at_stake_minor"] == round(spend / known_days * 91)
    assert row["margin_at_stake_minor"] == round(margin / known_days * 91)
    assert row["expected_loss_minor"] == round(margin / known_days * 91 * row["p_stays_away"])
    assert row["margin_assumed_share"] == pytest.approx(250 / 350)


def test_at_stake_is_margin_net_of_vat_and_spend_as_it_was_paid(tmp_path: Path, artifact: Artifact) -> None:
    lines = visits(0, WEEKLY_UNTIL_A_MONTH_AGO) + visits(0, WEEKLY_UNTIL_A_MONTH_AGO, BREAD_NO, 250)
    taxed = SHELF.assign(price_vat_bp=[2500, 1000], cost_vat_bp=0)
    row = late(tmp_path, artifact, lines, products=taxed).customers.iloc[0]
    known_days = WEEKLY_UNTIL_A_MONTH_AGO[-1] - 30 + 1
    spend, margin = 20 * 350, 20 * (100 / 1.1 - 60) + 20 * 200 * 0.3
    assert row["spend_at_stake_minor"] == round(spend / known_days * 91)
    assert row["margin_at_stake_minor"] == round(margin / known_days * 91)


def test_due_are_their_regular_items_most_bought_first(tmp_path: Path, artifact: Artifact) -> None:
    lines = visits(0, WEEKLY_UNTIL_A_MONTH_AGO) + visits(0, [30, 51, 72], BREAD_NO, 250)
    assert late(tmp_path, artifact, lines).customers["due_items"].tolist() == [[BREAD_NO]], "milk is given up"
    lines = visits(0, [20 + 7 * week for week in range(20)]) + visits(0, [30, 51, 72], BREAD_NO, 250)
    assert late(tmp_path, artifact, lines).customers["due_items"].tolist() == [[MILK_NO, BREAD_NO]]


def test_the_reason_is_their_own_cycle(tmp_path: Path, artifact: Artifact) -> None:
    ((reason,),) = late(tmp_path, artifact, visits(0, WEEKLY_UNTIL_A_MONTH_AGO)).reasons
    assert (reason.code, reason.now) == ("late", 30)


@pytest.mark.parametrize(
    "lines",
    [
        visits(0, [40]),
        visits(0, [40, 40, 40]),
        visits(0, [40, 47], paid=-100),
        visits(0, [85 + 7 * week for week in range(20)]),
    ],
    ids=["one purchase", "all on one day", "returns only", "gone for long"],
)
def test_who_has_no_cycle_or_is_lost_is_not_late(
    tmp_path: Path, artifact: Artifact, lines: list[Line]
) -> None:
    assert late(tmp_path, artifact, lines).customers.empty


def test_a_week_of_history_and_three_hundred_visits_are_both_served(
    tmp_path: Path, artifact: Artifact
) -> None:
    lines = visits(0, [6, 5]) + visits(1, range(20, 320))
    found = late(tmp_path, artifact, lines).customers
    assert found["customer_no"].tolist() == [1]
    assert np.isfinite(found["p_stays_away"]).all()
    assert found["spend_at_stake_minor"].tolist() == [9100], "a hundred a day"
