import json
from datetime import timedelta

from engine.day.offers_at_login import offers_at_login
from engine.domain.customer_view import render
from engine.store import Store
from tests.engine.bundles import MONDAY, a_night, bundle, day

MOMENT = timedelta(microseconds=1)


def test_until_the_end_the_bytes_of_the_night_go_out_unchanged(embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    made = render(bundle("anna"), as_of=MONDAY, currency="USD")
    assert offers_at_login(embedded_store, "anna", MONDAY).body == made
    assert offers_at_login(embedded_store, "anna", day(10) - MOMENT).body == made


def test_offers_that_ended_are_dropped(embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    assert json.loads(offers_at_login(embedded_store, "anna", day(10)).body)["offers"] == []


def test_offers_that_begin_later_are_not_shown_yet(embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    assert json.loads(offers_at_login(embedded_store, "anna", MONDAY - MOMENT).body)["offers"] == []


def test_unknown_held_out_and_between_two_bundles_look_the_same(embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"], days=4)
    ended = offers_at_login(embedded_store, "anna", day(8))
    unknown = offers_at_login(embedded_store, "zoe", day(8))
    assert ended.body.replace(b"anna", b"zoe") == unknown.body
    assert ended.age_seconds == unknown.age_seconds


def test_before_the_first_night_everybody_has_an_empty_list(embedded_store: Store) -> None:
    answer = offers_at_login(embedded_store, "anna", MONDAY)
    assert answer.body == b'{"customer_id":"anna","as_of":null,"bundle":null,"offers":[]}'
    assert answer.age_seconds is None


def test_age_is_counted_from_the_cut_of_the_data_behind_the_bundle(embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    a_night(embedded_store, ["boris"], night=day(5).date())
    evening = day(5) + timedelta(hours=18, seconds=0.9)
    assert offers_at_login(embedded_store, "anna", evening).age_seconds == 42 * 3600
    assert offers_at_login(embedded_store, "boris", evening).age_seconds == 18 * 3600
