"""A customer who has done everything there is to do: all of it is handed out, and nothing of it is left."""

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, func, select

from engine.day.claim_bundle import claim
from engine.day.tell_stock import StockRow, tell_stock
from engine.domain.bundle import OfferState
from engine.domain.console_users import Role
from engine.domain.contacts import Channel, Contact, Found
from engine.domain.funding import Funding
from engine.domain.grants import Grant, GrantKind
from engine.store import Store
from engine.store.access.console_sessions import begin_session, note_failure
from engine.store.access.customer_erasure import rows_of
from engine.store.access.user_accounts import add_user
from engine.store.choices.contact_log import record_contacts
from engine.store.choices.favourites import EVERYBODY, stage_suggestions
from engine.store.grants.grant_ledger import give
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.foreign_offers import ForeignOffer, keep_foreign_offers
from engine.store.nights.merged_cards import take_over_card
from engine.store.nights.offerable_products import OfferableRow, stage_bundle_stores, stage_offerable
from engine.store.nights.publication import publish
from engine.store.nights.published_products import drop_products, stage_products
from engine.store.nights.retention import forget_ended, forget_events, prunable, prune_bundles
from engine.store.nights.shared_bundles import stage_sharers
from engine.store.nights.substitutions import add_substitutions
from engine.store.schema import bundles, metadata
from engine.store.schema.checkout_tables import redemption_lines, redemptions, rollbacks
from engine.store.schema.customer_data import Clock, Erasure, Lasts, erasure_of, lasts_of
from engine.store.schema.favourite_tables import favourite_lines, favourite_units
from engine.store.schema.grant_tables import grant_entries, grants
from tests.engine.bundles import MONDAY, begin, bundle, day, staged
from tests.engine.pools import publish_pools
from tests.engine.serving.conftest import Browser
from tests.engine.shop import BANANAS, STOCKED, give_favourite, rules
from tests.engine.store.nights.test_assigned_arms import begun

ANNA = "anna-4711-planted"
ZOE = "zoe-0815-planted"
NOTE = "the new baker is nearer"
SORRY = "the milk was sour"
CALLED = Contact(ANNA, MONDAY - timedelta(days=3), Found.BOUGHT_ELSEWHERE, Channel.CALL, "Olga", NOTE)


def a_night_of(store: Store, night: date, days: int) -> None:
    """A night with its shelf and its advice, and a bundle for Anna and for Zoe."""
    run = begin(store, night)
    stage_products(
        store,
        run,
        item_level="product",
        programme=rules(mode='"choose"', share="0.0"),
        stocked=sorted((*STOCKED, BANANAS)),
    )
    advice = json.dumps(["1082185", "995240"])
    stage_suggestions(store, run, [(name, advice) for name in (EVERYBODY, ANNA, ZOE)])
    made = [
        bundle(name, run.run_id, starts=run.as_of, days=days, state=OfferState.OFFERED)
        for name in (ANNA, ZOE)
    ]
    paid = {1: Funding("Dairy", "A-7", 5000, None, 500)}
    stage_bundles(store, run, [staged(one)._replace(fundings=paid) for one in made])
    stage_offerable(store, run, [OfferableRow("1082185", "1500", 90)], "Instead")
    stage_bundle_stores(store, run, [(ANNA, "330"), (ZOE, "330")])
    stage_sharers(store, run, [(ANNA, 1), (ZOE, 2)])
    publish(store, run.run_id, now=run.as_of, manifest={})


def a_line(number: str, product_id: str, price_minor: int) -> dict[str, Any]:
    return {
        "line_id": number,
        "product_id": product_id,
        "quantity_milli": 1000,
        "unit": "piece",
        "shelf_price_minor": price_minor,
        "promo_discount_minor": 0,
    }


def a_basket(customer_id: str, session_key: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "store_id": "330",
        "till_id": "7",
        "at": "2017-12-04T09:00:00Z",
        "lines": list(lines),
        "session": {"key": session_key, "ttl_seconds": 300},
    }


def live(store: Store, browser: Browser, customer_id: str) -> None:
    """Everything a customer can do in a day: three offers, two baskets, of which one is held, and half of one back."""

    writes = itertools.count()

    def ask(method: str, path: str, body: object = None, *, by: Browser = browser) -> dict[str, Any]:
        answer = by.ask(method, path, body, idempotency_key=f"{customer_id[0]}-{next(writes)}")
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    give_favourite(store, customer_id, starts=day(2), max_units=9)
    sorry = Grant(
        f"desk/{customer_id}",
        customer_id,
        GrantKind.COMPENSATION,
        700,
        "USD",
        SORRY if customer_id == ANNA else "no bread was left",
        MONDAY,
        day(11),
        "k_desk",
        MONDAY,
        "compensation",
    )
    with store.writing(customer_id) as connection:
        assert give(connection, sorry)
    phone = browser.with_secret(ask("POST", "/v1/tokens", {"customer_id": customer_id})["token"])
    for number in (1, 2, 3):
        ask("POST", f"/v1/customers/{customer_id}/offers/o_{number}/activate", by=phone)
    ask("PUT", f"/v1/customers/{customer_id}/favourite", {"item_id": "995240"}, by=phone)
    event = {"id": "1", "kind": "shown", "customer_id": customer_id, "at": "2017-12-04T08:59:30Z"}
    ask("POST", "/v1/events", {"events": [event | {"offer_id": "o_1"}]})
    bananas = a_line("3", "1082185", 100)
    sold, held = (f"till-7-{customer_id[0]}-{number}" for number in (1, 2))
    ask(
        "POST",
        "/v1/validations",
        a_basket(customer_id, sold, a_line("1", "995241", 299), a_line("2", "995242", 299), bananas),
    )
    receipt = ask("POST", "/v1/redemptions", {"session": {"key": sold}})
    assert len(receipt["applied"]) == 3
    ask("POST", f"/v1/redemptions/{receipt['redemption_id']}/rollback", {"line_ids": ["2"]})
    ask("POST", "/v1/validations", a_basket(customer_id, held, a_line("1", "995243", 299), bananas))


@pytest.fixture
def whole_life(store: Store, browser: Browser) -> Browser:
    """Anna and Zoe have lived it; each has an older bundle too, which they never used, and before it a pool of which they claimed."""
    publish_pools(store, [ANNA, ZOE, "otto"], night=day(2).date())
    for customer_id in (ANNA, ZOE):
        claim(store, customer_id, day(2))
    a_night_of(store, day(3).date(), days=1)
    a_night_of(store, MONDAY.date(), days=6)
    for customer_id in (ANNA, ZOE):
        live(store, browser, customer_id)
    with store.writing() as connection:
        numbers = connection.execute(select(bundles.c.bundle_no).order_by(bundles.c.bundle_no)).scalars()
        instead = {
            "slot": 4,
            "product_id": "1082185",
            "name": "BANANAS",
            "price_minor": 100,
            "text": "Instead",
        }
        rows = [{**instead, "bundle_no": one, "store_id": "", "lowest_minor": None} for one in numbers]
        add_substitutions(connection, rows, MONDAY)
    tell_stock(store, [StockRow("995244", "330", 0)], now=MONDAY)
    calls = [CALLED, Contact(ZOE, MONDAY, Found.MOVED, Channel.MESSAGE, "Pavel", "by the sea")]
    record_contacts(store, calls, now=MONDAY)
    number = begun(store, (ANNA, "treated"), (ZOE, "treated"))
    with store.writing() as connection:
        had = [ForeignOffer(name, "995240", 2000, MONDAY, day(2)) for name in (ANNA, ZOE)]
        keep_foreign_offers(connection, number, had)
    for customer_id in (ANNA, ZOE):
        take_over_card(store, f"former-card-of-{customer_id}", customer_id, at=MONDAY)
    return browser


def text_of(store: Store) -> dict[str, str]:
    """Every table that the database itself knows of, with all its rows as text."""
    with store.reading() as connection:
        there = MetaData()
        there.reflect(connection)
        return {
            name: "\n".join(
                " ".join(
                    bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                    for value in row
                )
                for row in connection.execute(select(table))
            )
            for name, table in there.tables.items()
        }


def money_of(store: Store) -> tuple[int, ...]:
    sums = (
        redemptions.c.discount_minor,
        redemption_lines.c.discount_minor,
        rollbacks.c.discount_minor,
        favourite_units.c.units_milli,
        favourite_lines.c.planned_milli,
        grants.c.amount_minor,
        grant_entries.c.change_minor,
    )
    with store.reading() as connection:
        return tuple(int(connection.execute(select(func.sum(column))).scalar_one()) for column in sums)


def test_every_table_that_can_hold_a_customers_rows_holds_some(whole_life: Browser, store: Store) -> None:
    """Else the tests below would say nothing of it: a new table of customers needs a place in `live`."""
    assert whole_life is not None
    with store.reading() as connection:
        empty = [
            name
            for name, table in metadata.tables.items()
            if erasure_of(table) not in {None, Erasure.TOMBSTONE}
            and not connection.execute(select(table).where(rows_of(table, ANNA))).all()
        ]
    assert empty == []


def test_a_contact_and_its_note_are_handed_out(whole_life: Browser) -> None:
    data = whole_life.get(f"/v1/customers/{ANNA}/export").json()["data"]
    assert data["contacts"] == [
        {
            "customer_id": ANNA,
            "contacted": "2017-12-01T00:00:00+00:00",
            "found": "bought_elsewhere",
            "channel": "call",
            "held_by": "Olga",
            "note": NOTE,
            "quiet_until": None,
            "recorded": "2017-12-04T00:00:00+00:00",
        }
    ]


def test_an_export_holds_every_kind_of_row_and_nobody_elses(whole_life: Browser) -> None:
    answer = whole_life.get(f"/v1/customers/{ANNA}/export")
    assert {table: len(rows) for table, rows in answer.json()["data"].items()} == {
        "assignments": 1,
        "audit": 9,
        "bundle_stores": 2,
        "bundles": 3,
        "cards": 1,
        "contacts": 1,
        "drawn_offers": 6,
        "draws": 1,
        "events": 26,
        "favourite_holds": 1,
        "favourite_units": 1,
        "favourites": 2,
        "foreign_offers": 1,
        "grant_entries": 5,
        "grant_holds": 1,
        "grants": 1,
        "offers": 16,
        "pool_offers": 18,
        "redemption_lines": 3,
        "redemptions": 1,
        "remembered_answers": 9,
        "reservations": 1,
        "rollbacks": 1,
        "sessions": 1,
        "sharers": 2,
        "substitutions": 3,
        "suggestions": 2,
    }
    assert ZOE not in answer.text
    assert "by the sea" not in answer.text


def test_after_an_erasure_no_table_knows_the_customer_or_what_was_noted(
    whole_life: Browser, store: Store
) -> None:
    before = text_of(store)
    assert sum(ANNA in text for text in before.values()) > 10
    whole_life.ask("DELETE", f"/v1/customers/{ANNA}/data")
    left = text_of(store)
    assert [name for name, text in left.items() if ANNA in text] == ["erasures"]
    assert [name for name, text in left.items() if NOTE in text or SORRY in text] == []


def test_an_erasure_leaves_money_and_other_customers_as_they_were(whole_life: Browser, store: Store) -> None:
    def zoes() -> str:
        return whole_life.get(f"/v1/customers/{ZOE}/offers").text + json.dumps(
            {
                table: rows
                for table, rows in whole_life.get(f"/v1/customers/{ZOE}/export").json()["data"].items()
                if table != "audit"  # grows with each export
            }
        )

    money, hers = money_of(store), zoes()
    whole_life.ask("DELETE", f"/v1/customers/{ANNA}/data")
    assert (money_of(store), zoes()) == (money, hers)


def test_a_line_of_the_ledger_still_names_the_offer_it_was_given_for(
    whole_life: Browser, store: Store
) -> None:
    whole_life.ask("DELETE", f"/v1/customers/{ANNA}/data")
    with store.reading() as connection:
        erasures = metadata.tables["erasures"]
        hers = select(erasures.c.pseudonym).where(erasures.c.customer_id == ANNA)
        pseudonym = connection.execute(hers).scalar_one()
        tables = ("offers", "favourites", "redemption_lines")
        offer, favourite, lines = (
            connection.execute(select(metadata.tables[name]).where(rows_of(metadata.tables[name], pseudonym)))
            .mappings()
            .all()
            for name in tables
        )
    names = {(row["bundle_no"], row["slot"]): row["offer_id"] for row in offer}
    (chosen,) = favourite
    assert chosen["favourite_id"].startswith("f_")
    assert [line["offer_id"] for line in lines] == [
        chosen["favourite_id"] if line["bundle_no"] is None else names[line["bundle_no"], line["slot"]]
        for line in lines
    ]


def somebody_works_at_the_console(store: Store) -> None:
    desk = add_user(store, "desk", Role.SERVICE_DESK, "correct horse battery", now=MONDAY)
    with store.writing() as connection:
        note_failure(connection, "desk", "10.0.0.1", now=MONDAY)
        begin_session(connection, desk, now=MONDAY)


def test_what_lasts_for_good_outlives_all_tidying_and_the_rest_goes(
    whole_life: Browser, store: Store
) -> None:
    assert whole_life is not None
    somebody_works_at_the_console(store)

    def rows() -> dict[str, int]:
        with store.reading() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }

    before, end_of_time = rows(), MONDAY.replace(year=2999)
    for clock in Clock:
        forget_ended(store, clock, before=end_of_time)
    for run in prunable(store, keep=(), ended_by=end_of_time):
        prune_bundles(store, run, ended_by=end_of_time)
    forget_events(store, before=end_of_time)
    drop_products(store, 2)
    fewer = {name for name, left in rows().items() if left < before[name]}
    tidied = {name for name, table in metadata.tables.items() if lasts_of(table) is not Lasts.FOR_GOOD}
    # only bundles that customers or tills have touched have some
    assert fewer == tidied - {"passing_views", "draws", "drawn_offers"}


def test_what_an_erased_customer_bought_can_still_be_returned(whole_life: Browser) -> None:
    data = whole_life.get(f"/v1/customers/{ANNA}/export").json()["data"]
    (receipt,) = (sale["redemption_id"] for sale in data["redemptions"])
    whole_life.ask("DELETE", f"/v1/customers/{ANNA}/data")
    back = whole_life.ask("POST", f"/v1/redemptions/{receipt}/rollback", idempotency_key="back")
    assert (back.status_code, back.json()["standing_discount_minor"]) == (200, 0)
    assert [line["line_id"] for line in back.json()["rolled_back"]] == ["1", "3"]
