import json
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from engine.domain.bundle import OfferState
from engine.store import Store
from engine.store.log.exported_offers import current_offers
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.login_views import current_as_of, view_of
from engine.store.nights.publication import publish
from engine.store.nights.retention import discard_staged
from engine.store.nights.run_records import (
    all_runs,
    begin_run,
    current_run,
    next_attempt,
    run_of,
    withdraw_run,
)
from models.ground.errors import BadInput
from tests.engine.bundles import MONDAY, NIGHT, a_night, begin, bundle, day, staged
from tests.engine.touching import Touch, touch

TUESDAY = date(2017, 12, 5)


def run_seen_by(store: Store, customer_id: str, december: int = 4) -> str | None:
    view = view_of(store, customer_id, day(december))
    return None if view is None else str(json.loads(view.body)["bundle"]["run_id"])


def test_nothing_of_a_staged_run_is_visible(store: Store) -> None:
    stage_bundles(store, begin(store), [staged(bundle("anna"))])
    assert run_seen_by(store, "anna") is None
    assert list(current_offers(store, MONDAY)) == []
    assert current_run(store) is None
    assert current_as_of(store) is None


def test_a_published_run_is_current_and_its_bytes_go_out_unchanged(store: Store) -> None:
    made = staged(bundle("anna"))
    run = begin(store)
    stage_bundles(store, run, [made])
    done = publish(store, run.run_id, now=day(4), manifest={"seed": 7, "shop": "Молоко"})
    view = view_of(store, "anna", MONDAY)
    assert view is not None
    assert (view.body, view.as_of) == (made.body, MONDAY)
    assert (done.bundles, done.offers, done.dropped, done.superseded) == (1, 5, 0, ())
    current = current_run(store)
    assert current is not None
    assert (current.run_id, current.bundles, current.offers) == ("2017-12-04.1", 1, 5)
    assert current.manifest == {"seed": 7, "shop": "Молоко"}
    assert current_as_of(store) == MONDAY


def test_staging_goes_on_where_the_last_bucket_ended(store: Store) -> None:
    run = begin(store)
    assert stage_bundles(store, run, [staged(bundle("anna"))]) == 1
    assert stage_bundles(store, run, [staged(bundle("boris")), staged(bundle("clara"))]) == 2
    assert publish(store, run.run_id, now=MONDAY, manifest={}).bundles == 3


def test_a_customer_gets_one_bundle_in_a_run(store: Store) -> None:
    run = begin(store)
    twice = [staged(bundle("anna")), staged(bundle("anna"))]
    with pytest.raises(IntegrityError):
        stage_bundles(store, run, twice)


def test_the_next_night_leaves_valid_bundles_alone(store: Store) -> None:
    a_night(store, ["anna"])
    a_night(store, ["boris"], night=TUESDAY)
    assert run_seen_by(store, "anna", 5) == "2017-12-04.1"
    assert run_seen_by(store, "boris", 5) == "2017-12-05.1"


def test_a_staged_bundle_beside_a_valid_one_is_dropped(store: Store) -> None:
    a_night(store, ["anna"])
    done = a_night(store, ["anna", "boris"], night=TUESDAY)
    assert (done.bundles, done.offers, done.dropped) == (1, 5, 1)
    assert run_seen_by(store, "anna", 5) == "2017-12-04.1"


def test_a_bundle_may_begin_at_the_moment_the_last_one_ends(store: Store) -> None:
    a_night(store, ["anna"], days=1)
    assert a_night(store, ["anna"], night=TUESDAY).dropped == 0
    assert run_seen_by(store, "anna", 4) == "2017-12-04.1"
    assert run_seen_by(store, "anna", 5) == "2017-12-05.1"


def test_a_second_attempt_replaces_untouched_bundles_only(store: Store) -> None:
    a_night(store, ["anna", "boris", "clara"])
    assert touch(store, "anna", "o_2", Touch.REDEEM, MONDAY)
    done = a_night(store, ["anna", "boris"], attempt=2)
    assert (done.bundles, done.dropped, done.superseded) == (1, 1, ("2017-12-04.1",))
    assert run_seen_by(store, "anna") == "2017-12-04.1"
    assert run_seen_by(store, "boris") == "2017-12-04.2"
    assert run_seen_by(store, "clara") is None


def test_a_bundle_touched_while_the_second_attempt_was_staged_is_kept(store: Store) -> None:
    a_night(store, ["anna"])
    second = begin(store, attempt=2)
    stage_bundles(store, second, [staged(bundle("anna", second.run_id))])
    assert touch(store, "anna", "o_0", Touch.RESERVE, MONDAY)
    assert publish(store, second.run_id, now=MONDAY, manifest={}).dropped == 1
    assert run_seen_by(store, "anna") == "2017-12-04.1"


def test_automatic_activation_does_not_count_as_touching(store: Store) -> None:
    a_night(store, ["anna"], state=OfferState.ACTIVATED)
    a_night(store, ["anna"], attempt=2)
    assert run_seen_by(store, "anna") == "2017-12-04.2"


def test_activation_by_the_customer_keeps_the_bundle(store: Store) -> None:
    a_night(store, ["anna"], state=OfferState.OFFERED)
    assert touch(store, "anna", "o_1", Touch.ACTIVATE, MONDAY)
    a_night(store, ["anna"], attempt=2)
    assert run_seen_by(store, "anna") == "2017-12-04.1"


def test_attempts_are_counted_per_night_and_staged_ones_do_not_count(store: Store) -> None:
    assert next_attempt(store, NIGHT) == 1
    begin(store)
    assert next_attempt(store, NIGHT) == 1
    discard_staged(store)
    a_night(store, ["anna"])
    assert next_attempt(store, NIGHT) == 2
    assert next_attempt(store, TUESDAY) == 1
    withdraw_run(store, "2017-12-04.1", now=MONDAY)
    assert next_attempt(store, NIGHT) == 2


def test_what_a_killed_night_staged_is_discarded_and_its_attempt_is_free_again(store: Store) -> None:
    a_night(store, ["anna"])
    run = begin(store, TUESDAY)
    stage_bundles(store, run, [staged(bundle("boris", run.run_id))])
    assert discard_staged(store) == ("2017-12-05.1",)
    assert discard_staged(store) == ()
    assert [one.run_id for one in all_runs(store)] == ["2017-12-04.1"]
    assert a_night(store, ["boris"], night=TUESDAY).bundles == 1


def test_rolling_back_withdraws_untouched_offers_and_honours_touched_ones(store: Store) -> None:
    a_night(store, ["anna", "boris"])
    touch(store, "anna", "o_2", Touch.RESERVE, MONDAY)
    assert withdraw_run(store, "2017-12-04.1", now=MONDAY).state == "withdrawn"
    assert run_seen_by(store, "boris") is None
    view = view_of(store, "anna", MONDAY)
    assert view is not None
    body = json.loads(view.body)
    assert [(one["id"], one["state"]) for one in body["offers"]] == [("o_2", "reserved")]
    assert body["bundle"]["slots_total"] == 1
    assert [(one.customer_id, one.item_id) for one in current_offers(store, MONDAY)] == [("anna", "995242")]
    assert touch(store, "anna", "o_2", Touch.REDEEM, MONDAY)
    assert not touch(store, "anna", "o_3", Touch.REDEEM, MONDAY)


def test_after_rolling_back_the_run_before_is_current(store: Store) -> None:
    a_night(store, ["anna"])
    a_night(store, ["boris"], night=TUESDAY)
    withdraw_run(store, "2017-12-05.1", now=day(5))
    current = current_run(store)
    assert current is not None
    assert current.run_id == "2017-12-04.1"
    assert run_seen_by(store, "anna", 5) == "2017-12-04.1"


def test_the_run_published_last_is_current_even_for_an_earlier_night(store: Store) -> None:
    a_night(store, ["anna"], night=TUESDAY)
    a_night(store, ["boris"])
    current = current_run(store)
    assert current is not None
    assert current.run_id == "2017-12-04.1"


def test_a_run_is_published_once(store: Store) -> None:
    a_night(store, ["anna"])
    with pytest.raises(BadInput, match=r"2017-12-04\.1 is published; only a staged run is published"):
        publish(store, "2017-12-04.1", now=MONDAY, manifest={})


def test_an_unknown_run_is_refused_by_name(store: Store) -> None:
    with pytest.raises(BadInput, match=r"There is no run 2017-12-24\.1"):
        run_of(store, "2017-12-24.1")
    with pytest.raises(BadInput, match=r"2017-12-24\.1 is unknown; only a published run can be rolled back"):
        withdraw_run(store, "2017-12-24.1", now=MONDAY)


def test_an_attempt_begins_once(store: Store) -> None:
    begin(store)
    with pytest.raises(BadInput, match=r"Run 2017-12-04\.1 exists already"):
        begin(store)


def test_a_moment_without_time_zone_is_refused(store: Store) -> None:
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(ValueError, match="expected a moment with a time zone"):
        begin_run(store, night=NIGHT, attempt=1, as_of=naive, timezone="UTC", currency="USD", now=MONDAY)
