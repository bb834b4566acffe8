"""What happens between the look at kept bundles, which takes long, and the switch, which does not."""

import json
from datetime import date

import pytest

from engine.store import Store
from engine.store.nights import publication
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.login_views import view_of
from engine.store.nights.publication import publish
from engine.store.nights.run_records import run_of, withdraw_run
from tests.engine.bundles import MONDAY, a_night, begin, bundle, day, staged
from tests.engine.touching import Touch, touch


def run_seen_by(store: Store, customer_id: str) -> str | None:
    view = view_of(store, customer_id, day(5))
    return None if view is None else str(json.loads(view.body)["bundle"]["run_id"])


def stage_second_attempt(store: Store, *customers: str) -> None:
    run = begin(store, attempt=2)
    stage_bundles(store, run, [staged(bundle(name, run.run_id)) for name in customers])


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: object) -> None:
    """Let something happen after the long look and before the switch takes its lock."""
    look = publication.in_lists
    left = [happens]

    def batches(numbers: list[int]) -> object:
        if left:
            left.pop()()  # type: ignore[operator]
        return look(numbers)

    monkeypatch.setattr(publication, "in_lists", batches)


def test_an_offer_redeemed_after_the_look_keeps_its_bundle(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_night(store, ["anna", "boris"])
    stage_second_attempt(store, "anna", "boris")
    meanwhile(monkeypatch, lambda: touch(store, "anna", "o_0", Touch.REDEEM, day(5)))
    published = publish(store, "2017-12-04.2", now=MONDAY, manifest={})
    assert (published.bundles, published.offers, published.dropped) == (1, 5, 1)
    assert run_seen_by(store, "anna") == "2017-12-04.1"
    assert run_seen_by(store, "boris") == "2017-12-04.2"


def test_a_run_rolled_back_after_the_look_replaces_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_night(store, ["anna"])
    stage_second_attempt(store, "anna")
    meanwhile(monkeypatch, lambda: withdraw_run(store, "2017-12-04.1", now=MONDAY))
    published = publish(store, "2017-12-04.2", now=MONDAY, manifest={})
    assert (published.bundles, published.superseded) == (1, ())
    assert run_of(store, "2017-12-04.1").state == "withdrawn"


def test_a_night_published_after_the_look_keeps_its_bundles(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_night(store, ["boris"])
    stage_second_attempt(store, "anna", "boris")
    meanwhile(monkeypatch, lambda: a_night(store, ["anna"], night=date(2017, 12, 5)))
    published = publish(store, "2017-12-04.2", now=MONDAY, manifest={})
    assert (published.bundles, published.dropped) == (1, 1)
    assert run_seen_by(store, "anna") == "2017-12-05.1"


def test_many_kept_bundles_are_dropped_in_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.database.in_lists.LONGEST", 2)
    many = [f"c{number}" for number in range(7)]
    a_night(store, many[:5], night=date(2017, 12, 3), days=7)
    published_many = begin(store)
    stage_bundles(store, published_many, [staged(bundle(name)) for name in many])
    published = publish(store, "2017-12-04.1", now=MONDAY, manifest={})
    assert (published.bundles, published.offers, published.dropped) == (2, 10, 5)
