import pytest

from engine.domain.bundle import OfferState
from engine.store import Store
from tests.engine.day.shops import CHOOSE, open_shop
from tests.engine.serving.conftest import Serve

OFFERS = "/v1/customers/c1/offers"


@pytest.fixture(autouse=True)
def shop(embedded_store: Store) -> None:
    open_shop(embedded_store, CHOOSE, state=OfferState.OFFERED, slots=1)


def test_activating_answers_what_the_next_login_shows(serve: Serve) -> None:
    app = serve()
    answer = app.ask("POST", f"{OFFERS}/o_3/activate")
    assert answer.status_code == 200
    assert answer.json()["offers"][3]["state"] == "activated"
    assert app.get(OFFERS).content == answer.content


def test_an_offer_put_back_makes_room_for_another(serve: Serve) -> None:
    app = serve()
    app.ask("POST", f"{OFFERS}/o_3/activate")
    full = app.ask("POST", f"{OFFERS}/o_1/activate")
    assert (full.status_code, full.json()["key"]) == (409, "slots_full")
    assert app.ask("POST", f"{OFFERS}/o_3/deactivate").json()["offers"][3]["state"] == "offered"
    assert app.ask("POST", f"{OFFERS}/o_1/activate").status_code == 200


@pytest.mark.parametrize("what", ["activate", "deactivate"])
def test_an_offer_that_is_not_the_customers_is_not_found(serve: Serve, what: str) -> None:
    answer = serve().ask("POST", f"{OFFERS}/o_99/{what}")
    assert (answer.status_code, answer.json()["key"]) == (404, "offer_not_found")


def test_a_token_of_another_customer_finds_nothing(serve: Serve) -> None:
    app = serve()
    token = app.ask("POST", "/v1/tokens", {"customer_id": "c2"}).json()["token"]
    answer = app.with_secret(token).ask("POST", f"{OFFERS}/o_3/activate")
    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
