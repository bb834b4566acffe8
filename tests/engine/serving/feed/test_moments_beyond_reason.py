"""Moments that no calendar has: refused on their way in, and no reader stumbles over those that lie in the store."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from engine.day.app_events import Told, origins_of, tell
from engine.day.till.redeem import redeem
from engine.domain.contacts import Channel, Contact, Found
from engine.nightly.folder.export import export_frame
from engine.store import Store
from engine.store.choices.contact_log import record_contacts
from engine.store.schema import bundles, metadata, moment, moment_us
from engine.store.schema.access_tables import audit, events
from engine.store.schema.checkout_tables import redemptions, rollbacks
from engine.store.schema.contact_tables import contacts
from engine.store.schema.favourite_tables import favourites
from models.ground.moment import EARLIEST, LATEST
from models.tables.table_files import ENDINGS, write_frame
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop

SHOWN = {"id": "a81f-1", "kind": "shown", "customer_id": "anna", "at": "2017-12-04T08:59:30Z"}
BASKET = {"customer_id": "anna", "lines": [], "at": "2017-12-04T08:59:30Z"}
LEAST, MOST = -(2**63), 2**63 - 1
STORED = (redemptions, rollbacks, favourites, events, audit, contacts)


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-12:00",
        "1969-12-31T23:59:59Z",
        "2017-12-05T09:00:00.000001Z",
    ],
)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/events", lambda at: {"events": [SHOWN, SHOWN | {"at": at}]}),
        ("/v1/validations", lambda at: BASKET | {"at": at}),
        ("/v1/validations", lambda at: BASKET | {"at": at, "session": {"key": "k"}}),
        ("/v1/redemptions", lambda at: BASKET | {"at": at}),
    ],
)
def test_a_moment_that_cannot_have_been_is_refused(serve: Serve, path: str, body: Any, at: str) -> None:
    answer = serve().ask("POST", path, body(at), idempotency_key="k")
    assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request")
    assert "from 1970-01-01 to a day ahead of the shop's clock" in answer.json()["detail"]


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2017-12-05T10:00:00+01:00"])
def test_a_clock_that_is_wrong_by_less_is_believed(serve: Serve, at: str) -> None:
    answer = serve().ask("POST", "/v1/events", {"events": [SHOWN | {"at": at}]})
    assert answer.json() == {"accepted": 1, "duplicates": 0}


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (LEAST, EARLIEST),
        (-1, EARLIEST),
        (0, EARLIEST),
        (moment_us(LATEST), LATEST),
        (moment_us(LATEST) + 1, LATEST),
        (MOST, LATEST),
    ],
)
def test_what_no_calendar_has_is_read_as_the_nearest_that_it_has(stored: int, read: datetime) -> None:
    assert moment(stored) == read


@pytest.mark.parametrize("moment_now", [LEAST, 0, MOST])
def test_whatever_moments_the_store_holds_everything_can_be_read(
    store: Store, browser: Browser, tmp_path: Path, moment_now: int
) -> None:
    publish_shop(store, ["anna"])
    give_favourite(store)
    told = [Told("1", "shown", "anna", "o_1", NOON)]
    tell(store, told, origins_of(store, told, now=NOON), now=NOON)
    called = Contact("anna", NOON, Found.MOVED, Channel.CALL, "Olga", "", NOON + timedelta(days=9))
    record_contacts(store, [called], now=NOON)
    redeem(store, basket(line(1)), now=NOON)
    with store.writing() as connection:
        for table in STORED:
            moments = {column.name: moment_now for column in table.c if column.name.endswith("_us")}
            connection.execute(update(table).values(moments))
    kinds = {event["kind"] for event in browser.get("/v1/events").json()["events"]}
    assert kinds == {"shown", "redeemed"}
    data = browser.get("/v1/customers/anna/export").json()["data"]
    for table in ("redemptions", "favourites", "events", "contacts"):
        names = [
            column.name.removesuffix("_us")
            for column in metadata.tables[table].c
            if column.name.endswith("_us")
        ]
        assert all(datetime.fromisoformat(data[table][0][name]).tzinfo for name in names)
    for path in ("/v1/customers/anna/offers", "/v1/customers/anna/favourite"):
        assert browser.get(path).status_code == 200
    for what in ("redemptions", "favourites", "grants", "events", "audit"):
        for ending in ENDINGS:
            frame = export_frame(store, tmp_path, what, "current", None, NOON)
            write_frame(frame, tmp_path / f"{what}{ending}")


def test_a_bundle_whose_window_no_calendar_has_is_shown_and_handed_out(
    store: Store, browser: Browser
) -> None:
    publish_shop(store, ["anna"])
    with store.writing() as connection:
        connection.execute(update(bundles).values(valid_from_us=LEAST, valid_to_us=MOST))
    assert browser.get("/v1/customers/anna/offers").status_code == 200
    (row,) = browser.get("/v1/customers/anna/export").json()["data"]["bundles"]
    assert (row["valid_from"], row["valid_to"]) == (EARLIEST.isoformat(), LATEST.isoformat())
    assert browser.ask("POST", "/v1/validations", BASKET).status_code == 200
