"""What counts as offered before: what a customer could see, whichever card they had and whatever became of the night."""

from datetime import date, datetime, timedelta

from engine.domain.bundle import OfferState
from engine.store import Store
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.merged_cards import take_over_card
from engine.store.nights.publication import publish
from engine.store.nights.run_records import withdraw_run
from engine.store.nights.seen_offers import SeenOffer, offers_seen
from tests.engine.bundles import a_night, begin, bundle, day, staged
from tests.engine.touching import Touch, touch

TONIGHT = day(18)
MILK = "995240"


def seen(
    store: Store, *names: str, last: int = 1, also_since: datetime = TONIGHT, before: datetime = TONIGHT
) -> list[SeenOffer]:
    found = offers_seen(
        store,
        names,
        TONIGHT - timedelta(days=91),
        before=before.date(),
        last_bundles=last,
        also_since=also_since,
    )
    return sorted(one for one in found if one.item_id == MILK)


def test_the_last_bundle_is_told_with_its_window(store: Store) -> None:
    for number in (4, 11):
        a_night(store, ["anna"], night=date(2017, 12, number))
    assert seen(store, "anna", "otto") == [SeenOffer("anna", MILK, day(11), day(17), used=False)]
    assert len(seen(store, "anna", last=2)) == 2
    assert len(seen(store, "anna", last=1, also_since=day(9))) == 2
    assert seen(store, "anna", before=day(11)) == [SeenOffer("anna", MILK, day(4), day(10), used=False)]


def test_what_was_withdrawn_or_replaced_on_its_first_day_was_seen_by_nobody(store: Store) -> None:
    a_night(store, ["anna"])
    withdraw_run(store, "2017-12-04.1", now=day(4) + timedelta(hours=9))
    a_night(store, ["anna"], attempt=2, days=3)
    assert [one.ends for one in seen(store, "anna", last=9)] == [day(7)]


def test_what_stood_for_a_day_before_it_was_withdrawn_was_seen(store: Store) -> None:
    a_night(store, ["anna"])
    withdraw_run(store, "2017-12-04.1", now=day(6))
    assert [one.starts for one in seen(store, "anna")] == [day(4)]


def test_of_a_bundle_used_before_it_was_withdrawn_at_once_only_what_was_touched_was_seen(
    store: Store,
) -> None:
    a_night(store, ["anna"])
    assert touch(store, "anna", "o_0", Touch.REDEEM, day(4) + timedelta(hours=8))
    withdraw_run(store, "2017-12-04.1", now=day(4) + timedelta(hours=9))
    found = offers_seen(store, ["anna"], day(1), before=day(18).date(), last_bundles=1, also_since=day(1))
    assert [(one.item_id, one.used) for one in found] == [(MILK, True)]


def test_a_staged_bundle_was_not_seen(store: Store) -> None:
    run = begin(store)
    stage_bundles(store, run, [staged(bundle("anna", run.run_id, state=OfferState.ACTIVATED))])
    assert seen(store, "anna") == []
    publish(store, run.run_id, now=run.as_of, manifest={})
    assert len(seen(store, "anna")) == 1


def test_a_merged_cards_bundles_are_its_owners(store: Store) -> None:
    a_night(store, ["anna", "card"])
    a_night(store, ["card"], night=date(2017, 12, 11), days=4)
    take_over_card(store, "card", "anna", at=day(16))
    found = seen(store, "anna", last=2)
    assert {one.customer_id for one in found} == {"anna"}
    assert {one.starts for one in found} == {day(4), day(11)}


def test_the_last_bundle_of_each_programme_was_seen(store: Store) -> None:
    a_night(store, ["anna"], night=date(2017, 12, 4))
    for number in (11, 12, 13):
        a_night(store, ["anna"], night=date(2017, 12, number), days=1, programme="daily")
    told = [(one.programme, one.starts) for one in seen(store, "anna", last=1)]
    assert told == [("", day(4)), ("daily", day(13))]
