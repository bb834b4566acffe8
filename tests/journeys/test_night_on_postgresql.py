"""The chain's way: nights publish into PostgreSQL, and everything an operator does works there."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from engine.day.till.redeem import redeem
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.nightly.folder.prune import prune, what_to_prune
from engine.nightly.run import run
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.store import Store, open_store
from engine.store.log.exported_offers import current_offers
from engine.store.nights.login_views import view_of
from engine.store.nights.published_products import products_named, published_shop
from engine.store.nights.run_records import current_run, withdraw_run
from models.ground.moment import parse_moment
from tests.engine.databases import Databases
from tests.engine.nightly.shop_nights import silent

SUNDAY = datetime(2024, 4, 1, 9, tzinfo=UTC)


def a_night(workspace: Path, store: Store, day: str) -> str:
    as_of = parse_moment(day, "UTC")
    done = run(workspace, as_of, programme_text(), store, now=SUNDAY, jobs=1, progress=silent)
    return done.run_id


@pytest.fixture
def workspace(opened_shop: Path, tmp_path: Path) -> Path:
    return Path(copytree(opened_shop, tmp_path / "workspace"))


@pytest.mark.long
def test_a_shop_runs_on_postgresql(workspace: Path, databases: Databases) -> None:
    with databases.fresh("postgresql") as url:
        store = open_store(url)
        first = a_night(workspace, store, "2024-03-31")
        offer, *_ = current_offers(store, SUNDAY)
        assortment = published_shop(store)
        assert assortment is not None
        product = products_named(store, assortment.run_no, [offer.item_id])[offer.item_id]
        assert product.price_minor == offer.price_minor
        line = BasketLine("1", offer.item_id, 1000, Unit.PIECE, offer.price_minor or 0)
        sold = redeem(store, Basket(offer.customer_id, (line,)), now=SUNDAY)
        assert sold.receipt.discount_minor > 0

        proof = verify(workspace, first, store, jobs=1, progress=silent)
        assert (proof.bundles, proof.pruned) == (proof.stored, 0)
        second = a_night(workspace, store, "2024-03-31")
        kept = {one.customer_id for one in current_offers(store, SUNDAY) if one.run_id == first}
        assert kept == {offer.customer_id}
        withdraw_run(store, second, now=SUNDAY)
        assert {one.customer_id for one in current_offers(store, SUNDAY)} == kept
        assert view_of(store, offer.customer_id, SUNDAY) is not None

        third = a_night(workspace, store, "2024-03-31")
        prune(workspace, store, what_to_prune(workspace, store, keep=1), silent)
        current = current_run(store)
        assert current is not None
        assert current.run_id == third
        assert kept < {one.customer_id for one in current_offers(store, SUNDAY)}
        store.close()
