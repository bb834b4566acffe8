"""A night with customers of all kinds, kept as text in `golden_night.txt`: what each rule did, and what may never happen.

`python -m tests.golden` writes the text anew; look at the difference before committing it.
"""

import json
from contextlib import closing

import pandas as pd
import pytest

from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.run_records import run_of
from tests.engine.nightly.golden_shop import GoldenNight, run_golden_nights
from tests.engine.nightly.golden_text import TOLD, golden_text, rows_of

pytestmark = pytest.mark.long

ALCOHOL = {"beer", "vodka"}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> GoldenNight:
    return run_golden_nights(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def slots(night: GoldenNight) -> pd.DataFrame:
    return rows_of(night.context.folder, "slots")


def offered(slots: pd.DataFrame, customer: str) -> set[str]:
    return set(slots.loc[slots["customer_id"] == customer, "item_id"])


def left_out(slots: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Who was not offered which likely item, by which rule."""
    rows = slots[["customer_id", "runner_up", "runner_up_rule"]].dropna()
    return set(rows.itertuples(index=False, name=None))


def test_the_night_is_told_as_it_was(night: GoldenNight) -> None:
    assert golden_text(night) == TOLD.read_text(encoding="utf-8"), (
        "look at the difference; if it is meant, run `python -m tests.golden`"
    )


def test_alcohol_is_for_those_of_age_only(slots: pd.DataFrame) -> None:
    assert not offered(slots, "dora") & ALCOHOL
    assert ("dora", "vodka", "legal_age") in left_out(slots)
    assert offered(slots, "mona") & ALCOHOL


def test_what_is_sold_out_recalled_tobacco_a_deposit_or_no_reduction_is_offered_to_nobody(
    slots: pd.DataFrame,
) -> None:
    assert not set(slots["item_id"]) & {"ham", "sausages", "cigarettes", "deposit", "butter", "honey"}


def test_what_was_offered_last_week_rests_and_what_everybody_gets_as_cheap_or_no_own_store_has_is_left_out(
    slots: pd.DataFrame,
) -> None:
    assert {
        ("anna", "bananas", "item_rests"),
        ("lena", "honey", "planned_promotion"),
        ("noah", "eggs", "not_in_own_store"),
    } <= left_out(slots)


def test_a_mistyped_price_reaches_nobody(slots: pd.DataFrame) -> None:
    assert set(slots.loc[slots["item_id"] == "toothpaste", "price_minor"]) == {595}


def test_who_may_have_no_bundle_has_none_and_a_household_has_one(
    night: GoldenNight, slots: pd.DataFrame
) -> None:
    outcomes = rows_of(night.context.folder, "outcomes").set_index("customer_id")["outcome"]
    assert outcomes[outcomes != "bundle"].to_dict() == {
        "emil": "open_complaint",
        "frida": "thank_you",
        "ivan": "other_member",
        "jonas": "no_consent",
        "klara": "holdout",
        "otto": "line_budget",
    }
    with closing(open_store(store_url_in(night.workspace))) as store:
        bodies = [json.loads(kept.body) for kept in bundles_of_run(store, run_of(store, night.result.run_id))]
    assert len(bodies) == slots["customer_id"].nunique() == (outcomes == "bundle").sum()
    assert "hanna" in set(slots["customer_id"])


def test_the_rules_give_nothing_deeper_and_two_gifts(night: GoldenNight, slots: pd.DataFrame) -> None:
    assert set(slots.loc[slots["customer_id"] == "gustav", "discount_bp"]) == {1000}
    gifts = pd.read_parquet(night.context.folder.grants).set_index("customer_id")["kind"]
    assert gifts.to_dict() == {"frida": "thank_you", "lena": "compensation"}


def test_every_budget_is_kept(night: GoldenNight) -> None:
    budget = night.result.manifest["budget"]
    lines = [budget, *budget["lines"].values(), *budget["funders"]]
    assert len(lines) == 5
    assert all(0 < line["planned_milli"] <= line["allowance_milli"] for line in lines)
    assert budget["lines"]["win_back"]["planned_milli"] < budget["lines"]["win_back"]["wanted_milli"]
