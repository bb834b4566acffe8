from engine.day.app_events import Told, origins_of, tell
from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.store import Store
from engine.store.log.exported_log import all_events, came_of, chosen_favourites, redeemed_lines
from engine.store.nights.run_records import run_of
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop


def test_of_every_offer_it_is_known_what_came_of_it(store: Store) -> None:
    publish_shop(store, ["anna", "zoe"])
    told = [Told(str(n), "shown", "anna", "o_1", NOON) for n in range(2)]
    tell(store, told, origins_of(store, told, now=NOON), now=NOON)
    redeem(store, basket(line(1, 2)), now=NOON)
    log = list(came_of(store, run_of(store, "2017-12-04.1")))
    assert len(log) == 10
    used = [one for one in log if one.touched_at is not None]
    assert [one._replace(touched_at=None) for one in used] == [("o_1", "redeemed", None, 2, 0, 2000, 90)]


def test_what_was_taken_back_was_not_redeemed_and_stands_in_the_lines(store: Store) -> None:
    publish_shop(store, ["anna"])
    done = redeem(store, basket(line(1, 2)), now=NOON)
    rollback(store, done.redemption_id, now=NOON, line_ids=None)
    assert sum(one.redeemed_discount_minor for one in came_of(store, run_of(store, "2017-12-04.1"))) == 0
    (row,) = redeemed_lines(store)
    assert (row[0], row[1], row[2], row[13], row[14]) == (done.redemption_id, "anna", NOON, 90, True)


def test_every_choice_of_a_favourite_is_kept(store: Store) -> None:
    give_favourite(store)
    (row,) = chosen_favourites(store)
    assert row[1:4] == ("anna", "1082185", 3000)


def test_events_are_exported_in_their_order(store: Store) -> None:
    told = [Told(str(n), kind, "anna", None, NOON) for n, kind in enumerate(("shown", "opened"))]
    tell(store, told, origins_of(store, told, now=NOON), now=NOON)
    assert [(row[1], row[2], row[4]) for row in all_events(store)] == [
        ("shown", NOON, "anna"),
        ("opened", NOON, "anna"),
    ]
