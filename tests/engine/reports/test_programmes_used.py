"""What became of each programme's bundles."""

import pytest

from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.domain.funding import Funding
from engine.store import Store
from engine.store.log.programme_use import ProgrammeUse, programme_uses, programmes_at
from tests.engine.bundles import NIGHT, day
from tests.engine.shop import NOON, basket, line, publish_shop

PAID = {0: Funding("Dairy", "M-1", 5000, None, 900)}


@pytest.fixture
def two(store: Store) -> Store:
    """A week's bundles of two customers, a day's of one, who used two items and brought one back."""
    publish_shop(store, ["anna", "boris"], fundings=PAID)
    publish_shop(store, ["anna"], of="daily", attempt=2, days=2, discount_bp=2000)
    redeem(store, basket(line(0), line(1)), now=NOON)
    back = redeem(store, basket(line(0, 2), customer_id="boris"), now=NOON)
    redeem(store, basket(line(3), customer_id="boris"), now=NOON)
    rollback(store, back.redemption_id, now=NOON)
    return store


def test_each_programme_is_told_by_what_ended_and_what_tills_gave(two: Store) -> None:
    assert programme_uses(two, day(4), day(11)) == (
        ProgrammeUse("", 1, 2, 2, 1, 10, 1, 10.0, 45, 0),
        ProgrammeUse("daily", 1, 1, 1, 1, 5, 2, 5.0, 120, 0),
    )


def test_what_ended_later_counts_by_its_discount_alone(two: Store) -> None:
    unnamed, daily = programme_uses(two, day(4), day(7))
    assert (unnamed.bundles, unnamed.given_minor) == (0, 45)
    assert daily.bundles == 1


def test_a_supplier_pays_its_part_of_what_was_given(store: Store) -> None:
    publish_shop(store, ["anna"], fundings=PAID, of="weekly")
    redeem(store, basket(line(0)), now=NOON)
    (weekly,) = programme_uses(store, day(4), day(11))
    assert (weekly.given_minor, weekly.funded_minor) == (45, 22)


def test_a_period_without_bundles_tells_of_none(store: Store) -> None:
    publish_shop(store, ["anna"], night=NIGHT)
    assert programme_uses(store, day(20), day(25)) == ()


def test_whose_bundles_customers_have_is_known_by_moment(two: Store) -> None:
    assert programmes_at(two, NOON) == [("anna", ""), ("anna", "daily"), ("boris", "")]
    assert programmes_at(two, day(7)) == [("anna", ""), ("boris", "")]
