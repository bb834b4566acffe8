"""What a login reads is made of parts that end on their own."""

import json
from datetime import datetime

from sqlalchemy import insert, select

from engine.store import Store
from engine.store.nights.login_views import view_of
from engine.store.schema import bundles, moment_us
from engine.store.schema.checkout_tables import passing_views
from engine.store.schema.favourite_tables import favourite_views
from tests.engine.bundles import MONDAY, a_night, day


def favourite(store: Store, item: str, ends: datetime) -> None:
    row = {
        "customer_id": "anna",
        "valid_to_us": moment_us(ends),
        "body": b'"favourite":{"item":"%b"}' % item.encode(),
    }
    with store.writing("anna") as connection:
        connection.execute(insert(favourite_views).values(**row))


def seen(store: Store, now: datetime) -> dict[str, object]:
    view = view_of(store, "anna", now)
    assert view is not None
    read: dict[str, object] = json.loads(view.body)
    return read


def test_a_favourite_stands_beside_the_bundle_of_a_new_night(store: Store) -> None:
    favourite(store, "bananas", day(10))
    a_night(store, ["anna"])
    body = seen(store, MONDAY)
    assert (body["favourite"], body["customer_id"]) == ({"item": "bananas"}, "anna")
    assert len(list(body["offers"])) == 5  # type: ignore[call-overload]


def test_a_favourite_without_a_bundle_is_shown_with_an_empty_list(store: Store) -> None:
    a_night(store, ["boris"])
    favourite(store, "bananas", day(10))
    assert seen(store, MONDAY) == {
        "customer_id": "anna",
        "as_of": "2017-12-04T00:00:00Z",
        "bundle": None,
        "offers": [],
        "favourite": {"item": "bananas"},
    }


def test_a_favourite_before_the_first_night_is_shown(store: Store) -> None:
    favourite(store, "bananas", day(10))
    assert seen(store, MONDAY)["as_of"] is None


def test_what_changes_at_midnight_is_read_from_midnight_on(store: Store) -> None:
    favourite(store, "milk", day(5))
    favourite(store, "bananas", day(15))
    assert [seen(store, now)["favourite"] for now in (MONDAY, day(5), day(14))] == [
        {"item": "milk"},
        {"item": "bananas"},
        {"item": "bananas"},
    ]
    assert view_of(store, "anna", day(15)) is None


def test_a_passing_view_is_read_until_it_ends(store: Store) -> None:
    a_night(store, ["anna"])
    with store.writing("anna") as connection:
        number = connection.execute(select(bundles.c.bundle_no)).scalar_one()
        connection.execute(
            insert(passing_views).values(
                bundle_no=number, valid_to_us=moment_us(day(5)), body=b'{"customer_id":"held"}'
            )
        )
    assert seen(store, MONDAY)["customer_id"] == "held"
    assert seen(store, day(5))["customer_id"] == "anna"
