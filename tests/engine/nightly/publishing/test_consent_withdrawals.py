"""A customer withdraws their consent while they have a bundle."""

from datetime import UTC, datetime
from pathlib import Path

from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.login_views import customers_with_offers, view_of
from tests.engine.nightly.shop_nights import FIRST_NIGHT, change, night, open_shop

WEDNESDAY = "2024-04-03"
_ALL = 10_000  # customers, more than the shop has


def test_the_next_night_ends_the_bundle_of_who_refuses_and_leaves_the_others_theirs(tmp_path: Path) -> None:
    open_shop(tmp_path)
    night(tmp_path, FIRST_NIGHT)
    store = open_store(store_url_in(tmp_path))
    at = datetime(2024, 4, 3, tzinfo=UTC)
    refuser, *others = customers_with_offers(store, at, limit=_ALL)
    change(
        tmp_path,
        "customers",
        lambda people: people.assign(consent=[name != refuser for name in people["customer_id"]]),
    )

    night(tmp_path, WEDNESDAY)

    assert view_of(store, refuser, at) is None
    have = set(customers_with_offers(store, at, limit=_ALL))
    assert set(others) <= have
    assert refuser not in have
    store.close()
