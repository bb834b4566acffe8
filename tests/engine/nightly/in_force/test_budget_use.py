"""A night after a week at the tills: its budget counts what was given, and expects by it."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.commands.night_summary import night_summary
from engine.day.till.redeem import redeem
from engine.domain.expected_use import by_use
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent

MONDAY = datetime(2024, 4, 1, 17, tzinfo=UTC)


def slots_of(workspace: Path, run_id: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file) for file in RunFolder.of(workspace, run_id).slot_files()])


def rules(amount_minor: int, *, from_tills: bool) -> str:
    text = re.sub(r"amount_minor = 600_000\n", f"amount_minor = {amount_minor}\n", programme_text())
    return text.replace("[budget] ", f"[budget]\nfrom_tills = {str(from_tills).lower()}  #", 1)


@pytest.fixture(scope="module")
def workspace(shop_after_a_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After the first night every customer buys one piece of each of their offers."""
    folder = Path(shutil.copytree(shop_after_a_night, tmp_path_factory.mktemp("use") / "workspace"))
    store = open_store(store_url_in(folder))
    for customer_id, slots in slots_of(folder, f"{FIRST_NIGHT}.1").groupby("customer_id"):
        lines = tuple(
            BasketLine(str(place), item, 1_000, Unit.PIECE, int(price), 0)
            for place, (item, price) in enumerate(zip(slots["item_id"], slots["price_minor"], strict=True))
        )
        redeem(store, Basket(str(customer_id), lines, store_id="1", till_id="1", at=None), now=MONDAY)
    store.close()
    return folder


def test_a_night_plans_by_what_tills_gave_and_can_be_verified(workspace: Path) -> None:
    result = night(
        workspace, SECOND_NIGHT, accepted=["empty_bundles"], programme=rules(18_000, from_tills=True)
    )
    budget, summary = result.manifest["budget"], night_summary(result, "EUR", 90)
    factors = budget["factor_bp"]
    assert set(factors) <= {"preferred", "novelty", "cold_start"}
    assert min(factors.values()) > 10_000, "everything was bought"
    slots = slots_of(workspace, result.run_id)
    used = [
        by_use(cost, factors.get(kind, 10_000))
        for cost, kind in zip(slots["expected_cost_milli"], slots["kind"], strict=True)
    ]
    assert sum(used) == budget["planned_milli"] <= budget["allowance_milli"]
    assert slots["expected_cost_milli"].sum() == budget["full_use_milli"] < budget["planned_milli"]
    said = next(line for line in summary.splitlines() if line.startswith("  use "))
    assert "tills give of what is expected: " in said
    assert "chance of overspending the week" in said
    store = open_store(store_url_in(workspace))
    verify(workspace, result.run_id, store, jobs=1, progress=silent)
    store.close()


def test_the_key_switches_it_off(workspace: Path) -> None:
    result = night(workspace, SECOND_NIGHT, programme=rules(600_000, from_tills=False))
    budget = result.manifest["budget"]
    assert "factor_bp" not in budget
    assert slots_of(workspace, result.run_id)["expected_cost_milli"].sum() == budget["planned_milli"]
