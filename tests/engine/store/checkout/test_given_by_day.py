from datetime import date

from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.store import Store
from engine.store.checkout.given_by_day import GivenAtTills, given_by_day
from engine.store.checkout.past_uses import past_uses
from tests.engine.bundles import day
from tests.engine.shop import basket, line, publish_shop

MONDAY, TUESDAY = date(2017, 12, 4), date(2017, 12, 5)


def test_what_was_given_is_summed_by_day_without_what_came_back(store: Store) -> None:
    publish_shop(store, ["anna", "bert"])
    redeem(store, basket(line(0), line(1)), now=day(4).replace(hour=9))
    gone = redeem(store, basket(line(0), customer_id="bert"), now=day(5).replace(hour=9))
    assert given_by_day(store, MONDAY, TUESDAY) == {MONDAY: GivenAtTills(2, 90), TUESDAY: GivenAtTills(1, 45)}
    assert given_by_day(store, TUESDAY, TUESDAY) == {TUESDAY: GivenAtTills(1, 45)}
    rollback(store, gone.redemption_id, now=day(5).replace(hour=10))
    assert given_by_day(store, MONDAY, TUESDAY) == {MONDAY: GivenAtTills(2, 90)}
    assert [one.is_taken_back for one in past_uses(store, "bert", at_most=9)] == [True]
    assert [one.discount_minor for one in past_uses(store, "anna", at_most=9)] == [45, 45]
