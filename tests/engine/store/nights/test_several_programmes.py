"""A shop runs programmes side by side: each has runs of its own, and a customer's bundles are one list."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.domain.bundle import Bundle
from engine.domain.customer_view import render
from engine.store import Store
from engine.store.nights.bundle_records import (
    StagedBundle,
    committed_milli,
    end_bundle,
    open_bundles_of,
    stage_bundles,
)
from engine.store.nights.login_views import customers_with_offers, view_of
from engine.store.nights.merged_cards import take_over_card
from engine.store.nights.offered import offered_to
from engine.store.nights.offers_beside import open_items_of
from engine.store.nights.publication import Published, publish
from engine.store.nights.run_records import (
    current_run,
    next_attempt,
    programme_in,
    published_before,
    run_name,
    withdraw_run,
)
from tests.engine.bundles import MONDAY, NIGHT, a_night, begin, bundle, day
from tests.engine.touching import Touch, touch

TUESDAY = date(2017, 12, 5)


def named(made: Bundle, programme: str) -> Bundle:
    """The bundle with offers that no other programme's bundle has."""
    offers = tuple(replace(offer, id=f"{offer.id}_{programme}") for offer in made.offers)
    return replace(made, offers=offers)


def a_night_of(
    store: Store,
    programme: str,
    customers: Iterable[str],
    *,
    night: date = NIGHT,
    attempt: int = 1,
    days: int = 6,
) -> Published:
    run = begin(store, night, attempt, programme=programme)
    made = [
        named(bundle(name, run.run_id, starts=run.as_of, days=days), programme or "unnamed")
        for name in customers
    ]
    bodies = (render(one, as_of=run.as_of, currency="USD", programme=programme) for one in made)
    stage_bundles(
        store, run, [StagedBundle(one, "treated", body) for one, body in zip(made, bodies, strict=True)]
    )
    return publish(store, run.run_id, now=run.as_of, manifest={})


def seen(store: Store, customer_id: str, december: int) -> dict[str, Any]:
    view = view_of(store, customer_id, day(december))
    assert view is not None
    body: dict[str, Any] = json.loads(view.body)
    return body


def runs_seen(store: Store, customer_id: str, december: int) -> list[str]:
    return [one["run_id"] for one in seen(store, customer_id, december)["bundles"]]


@pytest.mark.parametrize("order", [("weekly", "daily"), ("daily", "weekly")])
def test_nights_of_two_programmes_stand_side_by_side_in_either_order(
    store: Store, order: tuple[str, str]
) -> None:
    days = {"weekly": 7, "daily": 1}
    for attempt, name in enumerate(order, start=1):
        a_night_of(store, name, ["anna"], days=days[name], attempt=attempt)
    body = seen(store, "anna", 4)
    assert [one["programme"] for one in body["bundles"]] == ["daily", "weekly"]
    assert body["bundle"] == body["bundles"][0]
    assert [offer["bundle_id"] for offer in body["offers"]] == [
        one["id"] for one in body["bundles"] for _ in range(5)
    ]
    assert [one["programme"] for one in seen(store, "anna", 5)["bundles"]] == ["weekly"]


def test_a_client_that_reads_one_bundle_is_shown_the_one_that_ends_first(store: Store) -> None:
    a_night(store, ["anna"], days=6)
    a_night_of(store, "daily", ["anna"], attempt=2, days=1)
    body = seen(store, "anna", 4)
    assert (body["bundle"]["valid_to"], len(body["offers"])) == ("2017-12-05T00:00:00Z", 10)
    assert set(body) == {"customer_id", "as_of", "bundle", "bundles", "offers"}


def test_who_has_only_the_bundle_of_the_programme_without_a_name_reads_what_the_night_wrote(
    store: Store,
) -> None:
    a_night(store, ["anna"])
    a_night_of(store, "daily", ["boris"], attempt=2)
    assert not {"bundles"} & set(seen(store, "anna", 4))
    assert "programme" not in seen(store, "anna", 4)["bundle"]
    assert runs_seen(store, "boris", 4) == ["2017-12-04.daily.2"]


def test_a_run_replaces_only_its_own_programmes(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    assert a_night_of(store, "weekly", ["anna"], attempt=3).superseded == ("2017-12-04.weekly.1",)
    assert sorted(runs_seen(store, "anna", 4)) == ["2017-12-04.daily.2", "2017-12-04.weekly.3"]


def test_a_bundle_of_the_same_programme_is_kept_and_another_ones_is_no_hindrance(store: Store) -> None:
    a_night_of(store, "weekly", ["anna", "boris"], days=7)
    a_night_of(store, "daily", ["anna"], attempt=2)
    tuesday = a_night_of(store, "weekly", ["anna", "clara"], night=TUESDAY)
    assert (tuesday.bundles, tuesday.dropped) == (1, 1)


def test_attempts_of_a_night_are_counted_over_all_programmes(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    assert next_attempt(store, NIGHT) == 2


def test_what_is_promised_and_who_has_a_bundle_is_asked_by_programme(store: Store) -> None:
    a_night_of(store, "weekly", ["anna", "boris"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    assert committed_milli(store, day(4), day(11), programme="daily") == 5_000
    assert committed_milli(store, day(4), day(11)) == 0
    who = ["anna", "boris"]
    assert set(open_bundles_of(store, who, MONDAY, programme="daily")) == {"anna"}
    assert set(open_bundles_of(store, who, MONDAY, programme=None)) == {"anna", "boris"}
    again = open_bundles_of(store, who, MONDAY, programme="daily", replacing=NIGHT)
    assert again == {}


def test_a_night_is_told_what_its_customers_are_offered_by_other_programmes(store: Store) -> None:
    a_night_of(store, "weekly", ["anna", "boris"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    found = open_items_of(store, ["anna", "boris"], MONDAY, day(5), besides="weekly")
    assert {(name, item) for name, _, item in found} == {
        ("anna", str(995240 + number)) for number in range(5)
    }
    assert open_items_of(store, ["anna"], day(20), day(21), besides="weekly") == []


def test_a_rollback_withdraws_one_programme_and_leaves_the_other(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    touch(store, "anna", "o_1_daily", Touch.REDEEM, day(4))
    withdraw_run(store, "2017-12-04.daily.2", now=day(4))
    body = seen(store, "anna", 4)
    assert sorted(one["run_id"] for one in body["bundles"]) == ["2017-12-04.daily.2", "2017-12-04.weekly.1"]
    assert [one["id"] for one in body["offers"] if one["id"].endswith("daily")] == ["o_1_daily"]
    run = current_run(store)
    assert (run and run.programme) == "weekly"


def test_runs_before_a_night_are_those_of_its_programme(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    before = published_before(store, TUESDAY, since=NIGHT, limit=9, programme="daily")
    assert [run.run_id for run in before] == ["2017-12-04.daily.2"]


def test_a_use_of_one_bundle_is_shown_in_the_list(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    touch(store, "anna", "o_2_weekly", Touch.REDEEM, day(4))
    body = seen(store, "anna", 4)
    assert {one["programme"]: one["slots_used"] for one in body["bundles"]} == {"weekly": 1, "daily": 0}


def test_an_offer_belongs_to_the_bundle_that_has_it(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    with store.reading() as connection:
        of = offered_to(connection, "anna", "o_3_weekly", day(4))
    assert (of.run_id, of.item_id) == ("2017-12-04.weekly.1", "995243")


def test_a_merged_cards_bundle_goes_over_beside_one_of_another_programme(store: Store) -> None:
    a_night_of(store, "weekly", ["anna", "card"])
    a_night_of(store, "daily", ["card"], attempt=2)
    take_over_card(store, "card", "anna", at=MONDAY)
    assert sorted(one["id"] for one in seen(store, "anna", 4)["bundles"]) == [
        "b_anna_2017-12-04.weekly.1",
        "b_card_2017-12-04.daily.2",
    ]


def test_who_refuses_loses_all_bundles(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    assert end_bundle(store, "anna", day(4))
    assert view_of(store, "anna", day(5)) is None


def test_a_customer_of_two_programmes_is_one_of_the_examples(store: Store) -> None:
    a_night_of(store, "weekly", ["anna"])
    a_night_of(store, "daily", ["anna"], attempt=2)
    assert customers_with_offers(store, MONDAY, limit=6) == ("anna",)


@pytest.mark.parametrize(
    ("run_id", "programme"), [("2017-12-04.1", ""), ("2017-12-04.win-back.12", "win-back")]
)
def test_a_runs_name_says_its_programme(run_id: str, programme: str) -> None:
    assert programme_in(run_id) == programme
    assert run_name(NIGHT, int(run_id.rpartition(".")[2]), programme) == run_id
