"""Twenty offers of which the customer activates ten: from the preset's night to the till, on both stores."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from engine.domain.budget import MILLI
from engine.store import Store
from engine.store.nights.bundle_records import committed_milli
from engine.store.nights.login_views import customers_with_offers
from tests.engine.serving.conftest import Browser
from tests.journeys.baskets import a_basket
from tests.journeys.preset_nights import MORNING, preset_night, preset_text, served_at

BUDGET = 20_000


@pytest.mark.long
def test_a_customer_activates_ten_of_twenty_changes_one_and_uses_them(
    opened_shop: Path, store: Store, store_url: str, tmp_path: Path
) -> None:
    workspace = Path(copytree(opened_shop, tmp_path / "workspace"))
    preset_night(workspace, store, preset_text("choose-ten", budget=BUDGET))
    assert 0 < committed_milli(store, MORNING, MORNING.replace(hour=10)) <= BUDGET * MILLI

    with served_at(store_url, workspace) as app:
        customer, view = with_most_offers(app, store)
        offers = view["offers"]
        assert (len(offers), view["bundle"]["slots_total"]) == (20, 10)
        assert {offer["state"] for offer in offers} == {"offered"}

        nothing = app.ask("POST", "/v1/validations", a_basket(customer, offers[:1])).json()
        assert nothing["not_applied"][0]["key"] == "not_activated"
        chosen = [offer["id"] for offer in offers[5:15]]
        for name in chosen:
            assert activate(app, customer, name).status_code == 200
        refused = activate(app, customer, offers[0]["id"])
        assert (refused.status_code, refused.json()["key"]) == (409, "slots_full")

        path = f"/v1/customers/{customer}/offers/{chosen[0]}/deactivate"
        assert app.ask("POST", path).status_code == 200
        assert activate(app, customer, offers[0]["id"]).status_code == 200

        sold = app.ask(
            "POST", "/v1/redemptions", a_basket(customer, offers[:8]), idempotency_key="sold"
        ).json()
        used = {offers[0]["id"], *chosen[1:3]}
        assert {line["offer_id"] for line in sold["applied"]} == used
        now = app.get(f"/v1/customers/{customer}/offers").json()
        assert now["bundle"]["slots_used"] == 3
        assert {offer["id"] for offer in now["offers"] if offer["state"] == "redeemed"} == used


def with_most_offers(app: Browser, store: Store) -> tuple[str, dict[str, Any]]:
    views = {
        name: app.get(f"/v1/customers/{name}/offers").json()
        for name in customers_with_offers(store, MORNING, limit=100)
    }
    assert all(12 <= len(view["offers"]) <= 20 for view in views.values())
    assert all(
        len({offer["item"]["id"] for offer in view["offers"]}) == len(view["offers"])
        for view in views.values()
    )
    return max(views.items(), key=lambda one: len(one[1]["offers"]))


def activate(app: Browser, customer: str, offer: str) -> Any:
    return app.ask("POST", f"/v1/customers/{customer}/offers/{offer}/activate")
