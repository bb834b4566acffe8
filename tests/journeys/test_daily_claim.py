"""Six of eighteen a day: from the preset's night over claim, refresh and swap to the till and the next day, on both stores."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest

from engine.domain.budget import MILLI
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.store import Store
from engine.store.nights.bundle_records import committed_milli
from engine.store.nights.login_views import customers_with_offers
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, fit_model, silent
from tests.engine.serving.conftest import Browser
from tests.journeys.baskets import a_basket
from tests.journeys.preset_nights import MORNING, preset_night, preset_text, served_at
from training.fitting.fit_profile import FitProfile

BUDGET = 20_000
# A pool for one day needs to know what is bought within one.
ONE_DAY = FitProfile(window_days=(1, 7), affinity_cuts=3, churn_cuts=3)
TOMORROW = MORNING.replace(month=4, day=1)


@pytest.fixture(scope="module")
def daily_shop(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with a model of purchases within a day."""
    workspace = Path(copytree(opened_shop, tmp_path_factory.mktemp("daily") / "workspace"))
    fit_model(workspace, parse_moment(FIRST_NIGHT, "UTC"), ONE_DAY)
    return workspace


@pytest.mark.long
def test_a_customer_claims_six_draws_others_swaps_one_and_uses_them(
    daily_shop: Path, store: Store, store_url: str, tmp_path: Path
) -> None:
    workspace = Path(copytree(daily_shop, tmp_path / "workspace"))
    programme = preset_text("daily-claim", budget=BUDGET, held_out=0.2)
    made = preset_night(workspace, store, programme)
    promised = committed_milli(store, MORNING, TOMORROW)
    assert 0 < promised <= BUDGET * MILLI
    slots = slots_of(workspace, made.run_id)
    assert promised == slots["expected_cost_milli"].sum()
    assert slots.groupby("bundle_id").size().between(12, 18).all()

    with served_at(store_url, workspace) as app:
        for name in [*held_out(workspace, made.run_id), "nobody"]:
            nothing = app.ask("POST", path(name, "claim"), idempotency_key=f"claim {name}")
            assert (nothing.status_code, nothing.json()["key"]) == (404, "nothing_to_claim")
            assert login(app, name)["bundle"] is None

        customer = biggest_pool(slots)
        before = login(app, customer)
        assert (before["offers"], before["bundle"]["claim"]["of"]) == ([], 18)
        pool = set(slots.loc[slots["customer_id"] == customer, "offer_id"])

        sets = [draw(app, customer, "claim"), *(draw(app, customer, "refresh", n) for n in (1, 2, 3))]
        ids = [[offer["id"] for offer in view["offers"]] for view in sets]
        assert {len(one) for one in ids} == {6}
        assert {name for one in ids[:3] for name in one} == pool
        refused = app.ask("POST", path(customer, "refresh"), {"set": 4}, idempotency_key="once more")
        assert (refused.status_code, refused.json()["key"]) == (409, "no_refresh_left")

        late = app.ask("POST", "/v1/validations", a_basket(customer, sets[1]["offers"][:1])).json()
        assert late["applied"] == []
        sold = app.ask(
            "POST", "/v1/redemptions", a_basket(customer, sets[3]["offers"][:2]), idempotency_key="sold"
        ).json()
        assert [line["offer_id"] for line in sold["applied"]] == ids[3][:2]

        swap = {"offer_id": ids[3][5]}
        now = app.ask("POST", path(customer, "swap"), swap, idempotency_key="swap").json()
        shown = [offer["id"] for offer in now["offers"]]
        assert (len(shown), set(ids[3]) - set(shown)) == (6, {ids[3][5]})
        assert now["bundle"]["slots_used"] == 2

    assert committed_milli(store, MORNING, TOMORROW) == promised
    assert (
        verify(workspace, made.run_id, store, jobs=1, progress=silent).stored == slots["bundle_id"].nunique()
    )

    again = preset_night(workspace, store, programme, day="2024-04-01", now=TOMORROW)
    with served_at(store_url, workspace, TOMORROW) as app:
        for name in customers_with_offers(store, TOMORROW, limit=100):
            view = login(app, name)
            assert (view["offers"], view["bundle"]["claim"]["claimed"]) == ([], False)
        resting = set(slots_of(workspace, again.run_id).query("customer_id == @customer")["item_id"])
        seen = set(slots.loc[slots["offer_id"].isin(pool), "item_id"])
        assert len(resting & seen) <= 9, "[rotation] returning goes by what was drawn, here all of it"


def slots_of(workspace: Path, run_id: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file) for file in RunFolder.of(workspace, run_id).slot_files()])


def held_out(workspace: Path, run_id: str) -> list[str]:
    folder = RunFolder.of(workspace, run_id)
    outcomes = pd.concat([pd.read_parquet(folder.outcomes(bucket)) for bucket in range(2)])
    found = outcomes.loc[outcomes["outcome"] == "holdout", "customer_id"].tolist()
    assert len(found) > 3
    return [str(name) for name in found]


def biggest_pool(slots: pd.DataFrame) -> str:
    return str(slots.groupby("customer_id").size().idxmax())


def path(customer: str, how: str) -> str:
    return f"/v1/customers/{customer}/bundle/{how}"


def login(app: Browser, customer: str) -> dict[str, Any]:
    return dict(app.get(f"/v1/customers/{customer}/offers").json())


def draw(app: Browser, customer: str, how: str, seen: int | None = None) -> dict[str, Any]:
    body = None if seen is None else {"set": seen}
    answer = app.ask("POST", path(customer, how), body, idempotency_key=f"{how}-{seen}")
    assert answer.status_code == 200, answer.text
    assert login(app, customer) == answer.json()
    return dict(answer.json())
