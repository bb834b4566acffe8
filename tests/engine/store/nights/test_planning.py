"""What a night asks before it plans."""

from datetime import date

from engine.store import Store
from engine.store.nights.bundle_records import (
    committed_milli,
    end_bundle,
    offers_lately,
    open_bundles_of,
    stage_bundles,
)
from engine.store.nights.login_views import customers_with_offers, view_of
from engine.store.nights.run_records import withdraw_run
from tests.engine.bundles import MONDAY, NIGHT, a_night, begin, bundle, day, staged
from tests.engine.touching import Touch, touch

# Five offers of 1,000 thousandths each.
BUNDLE_MILLI = 5_000


def who(store: Store, december: int, replacing: date | None = None) -> list[str]:
    return sorted(open_bundles_of(store, ["anna", "boris", "clara"], day(december), replacing=replacing))


def test_a_bundle_is_open_from_its_first_moment_to_just_before_its_end(store: Store) -> None:
    a_night(store, ["boris", "anna"], days=4)
    assert who(store, 3) == []
    assert who(store, 4) == ["anna", "boris"]
    assert who(store, 7) == ["anna", "boris"]
    assert who(store, 8) == []


def test_the_open_bundles_of_a_bucket_name_bundle_run_and_end(store: Store) -> None:
    a_night(store, ["anna", "boris"])
    names = [f"nobody_{number}" for number in range(1_200)] + ["boris"]
    found = open_bundles_of(store, names, MONDAY)
    assert [tuple(one) for one in found.values()] == [
        ("boris", "b_boris_2017-12-04.1", "2017-12-04.1", day(10))
    ]
    assert open_bundles_of(store, [], MONDAY) == {}


def test_a_second_attempt_finds_only_what_it_will_not_replace(store: Store) -> None:
    a_night(store, ["clara"], night=date(2017, 12, 1))
    a_night(store, ["anna", "boris"])
    touch(store, "boris", "o_0", Touch.REDEEM, MONDAY)
    assert who(store, 4) == ["anna", "boris", "clara"]
    assert who(store, 4, replacing=NIGHT) == ["boris", "clara"]
    assert set(open_bundles_of(store, ["anna", "boris"], MONDAY, replacing=NIGHT)) == {"boris"}


def test_touched_bundles_of_an_attempt_replaced_long_ago_still_count(store: Store) -> None:
    a_night(store, ["anna"])
    touch(store, "anna", "o_0", Touch.REDEEM, MONDAY)
    a_night(store, ["boris"], attempt=2)
    assert who(store, 4, replacing=NIGHT) == ["anna"]
    assert committed_milli(store, day(1), day(31), replacing=NIGHT) == BUNDLE_MILLI


def test_nothing_is_committed_before_the_first_night(store: Store) -> None:
    assert committed_milli(store, day(1), day(31)) == 0


def test_committed_is_every_bundle_whose_window_meets_the_period(store: Store) -> None:
    a_night(store, ["anna"], days=4)
    assert committed_milli(store, day(1), day(4)) == 0
    assert committed_milli(store, day(1), day(5)) == BUNDLE_MILLI
    assert committed_milli(store, day(7), day(31)) == BUNDLE_MILLI
    assert committed_milli(store, day(8), day(31)) == 0


def test_staged_and_withdrawn_bundles_are_not_committed(store: Store) -> None:
    run = begin(store)
    stage_bundles(store, run, [staged(bundle("anna"))])
    assert committed_milli(store, day(1), day(31)) == 0


def test_after_rolling_back_only_touched_offers_are_committed(store: Store) -> None:
    a_night(store, ["anna", "boris"])
    touch(store, "anna", "o_0", Touch.REDEEM, MONDAY)
    touch(store, "anna", "o_1", Touch.RESERVE, MONDAY)
    withdraw_run(store, "2017-12-04.1", now=MONDAY)
    assert committed_milli(store, day(1), day(31)) == 2_000


def test_examples_for_the_demo_are_customers_with_offers_in_the_order_of_their_numbers(store: Store) -> None:
    a_night(store, ["10", "9", "101"])
    assert customers_with_offers(store, MONDAY, limit=2) == ("9", "10")
    assert customers_with_offers(store, day(20), limit=2) == ()


def test_an_ended_bundle_is_shown_to_its_customer_until_that_moment_and_to_others_as_before(
    store: Store,
) -> None:
    a_night(store, ["anna", "boris"], days=5)
    assert end_bundle(store, "anna", day(6))
    assert view_of(store, "anna", day(5)) is not None
    assert view_of(store, "anna", day(6)) is None
    assert who(store, 6) == ["boris"]
    assert not end_bundle(store, "anna", day(6)), "there is nothing left to end"


def test_a_bundle_that_begins_with_the_end_is_over_after_a_moment(store: Store) -> None:
    a_night(store, ["anna"])
    assert end_bundle(store, "anna", MONDAY)
    assert who(store, 5) == []


def test_a_policy_can_be_told_how_many_offers_ended_lately_and_were_used(store: Store) -> None:
    a_night(store, ["anna", "boris"], days=4)
    touch(store, "anna", "o_0", Touch.REDEEM, MONDAY)
    ended = offers_lately(store, ["anna", "boris", "clara"], day(1), day(8))
    assert {name: used for name, (_, used) in ended.items()} == {"anna": 1, "boris": 0}
    assert {could for could, _ in ended.values()} == {5}
    assert (
        offers_lately(store, ["anna"], day(1), day(7))
        == offers_lately(store, ["anna"], day(8), day(20))
        == {}
    )
