"""A customer's card is replaced while they have a bundle: the night after, both cards are one customer."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

from engine.day.offers_at_login import offers_at_login
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import open_bundles_of
from engine.store.nights.known_ids import customer_known_as
from engine.store.nights.login_views import customers_with_offers
from tests.engine.nightly.shop_nights import change, night

WEDNESDAY = "2024-04-03"


def test_after_the_next_night_an_old_card_has_its_owners_bundle_and_no_other(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(copytree(shop_after_a_night, tmp_path / "workspace"))
    store = open_store(store_url_in(workspace))
    at = datetime(2024, 4, 3, 12, tzinfo=UTC)
    replaced, joined, owner, *_ = customers_with_offers(store, at, limit=10)
    merged = {replaced: "cNEW", joined: owner}
    change(
        workspace,
        "customers",
        lambda people: people.assign(merged_into=[merged.get(name) for name in people["customer_id"]]),
    )

    night(workspace, WEDNESDAY)

    cards = [replaced, joined]
    assert [customer_known_as(store, name) for name in cards] == ["cNEW", owner]
    assert open_bundles_of(store, cards, at) == {}
    for card, customer_id in merged.items():
        body = offers_at_login(store, card, at).body
        assert body == offers_at_login(store, customer_id, at).body
        assert b'"offers":[{' in body
    store.close()
