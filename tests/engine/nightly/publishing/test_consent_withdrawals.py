"""A customer withdraws their consent while they have a bundle."""

from datetime import UTC, datetime
from pathlib import Path

from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import open_bundles
from engine.store.nights.login_views import view_of
from tests.engine.nightly.shop_nights import FIRST_NIGHT, change, night, open_shop

WEDNESDAY = "2024-04-03"


def test_the_next_night_ends_the_bundle_of_who_refuses_and_leaves_the_others_theirs(tmp_path: Path) -> None:
    open_shop(tmp_path)
    night(tmp_path, FIRST_NIGHT)
    store = open_store(store_url_in(tmp_path))
    at = datetime(2024, 4, 3, tzinfo=UTC)
    had = sorted(one.customer_id for one in open_bundles(store, at))
    refuser, *others = had
    change(
        tmp_path,
        "customers",
        lambda people: people.assign(consent=[name != refuser for name in people["customer_id"]]),
    )

    night(tmp_path, WEDNESDAY)

    assert view_of(store, refuser, at) is None
    have = {one.customer_id for one in open_bundles(store, at)}
    assert set(others) <= have
    assert refuser not in have
    store.close()
