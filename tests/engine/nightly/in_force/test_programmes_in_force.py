"""Tonight's programme beside those whose bundles may be valid."""

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.nightly.in_force.programmes_in_force import programmes_beside
from engine.programme import Programme, parse_programme
from engine.store import Store
from engine.store.nights.published_products import drop_old_products, published_shops
from engine.store.nights.run_records import withdraw_run
from models.ground.moment import Moment
from tests.engine.bundles import NIGHT, day
from tests.engine.shop import publish_shop, rules


def programme(name: str, **changes: str) -> Programme:
    return parse_programme(f'name = "{name}"\n{rules(**changes)}', "mine.toml")


def at(december: int) -> Moment:
    return Moment(day(december), "UTC")


def test_a_shop_with_one_programme_has_none_beside_it(store: Store) -> None:
    publish_shop(store, ["anna"], of="daily")
    assert programmes_beside(store, programme("daily"), at(5)) == ()


def test_another_programme_counts_while_its_longest_bundle_may_be_valid(store: Store) -> None:
    publish_shop(store, ["anna"])
    assert [one.run_id for one in programmes_beside(store, programme("daily"), at(11))] == ["2017-12-04.1"]
    assert programmes_beside(store, programme("daily"), at(12)) == ()


def test_where_tills_would_go_by_other_rules_every_night_it_is_told(store: Store) -> None:
    publish_shop(store, ["anna"])
    (weekly,) = programmes_beside(store, programme("daily", units_a_day="7"), at(5))
    assert [rule.split(" = ")[0] for rule in weekly.differs] == ["velocity.units_a_day"]


def test_a_programme_that_holds_others_out_is_refused(store: Store) -> None:
    publish_shop(store, ["anna"], of="weekly")
    with pytest.raises(
        BadProgramme, match=r"cannot stand beside programme weekly, in force by run 2017-12-04\.weekly\.1"
    ):
        programmes_beside(
            store,
            parse_programme(f'name = "daily"\n{rules()}'.replace("share = 0.10", "share = 0.0"), "mine.toml"),
            at(5),
        )


def test_the_rules_of_a_programme_are_kept_while_the_others_nights_go_on(store: Store) -> None:
    publish_shop(store, ["anna"], of="weekly")
    for december in (5, 6, 7):
        publish_shop(store, ["anna"], of="daily", night=NIGHT.replace(day=december), days=1)
        drop_old_products(store)
    assert {name: shop.run_id for name, shop in published_shops(store).items()} == {
        "weekly": "2017-12-04.weekly.1",
        "daily": "2017-12-07.daily.1",
    }


def test_a_programme_whose_night_was_rolled_back_stands_beside_nobody(store: Store) -> None:
    publish_shop(store, ["anna"], of="weekly")
    withdraw_run(store, "2017-12-04.weekly.1", now=day(4))
    assert programmes_beside(store, programme("daily"), at(5)) == ()
