from datetime import date

from engine.store import Store
from engine.store.nights.publication import publish
from engine.store.nights.published_products import (
    PublishedProduct,
    drop_old_products,
    products_named,
    products_of_family,
    published_shop,
    stage_products,
)
from engine.store.nights.retention import discard_staged
from engine.store.nights.run_records import Run, withdraw_run
from tests.engine.bundles import MONDAY, begin

MILK = PublishedProduct(
    "995242", "FLUID MILK", None, "DAIRY", "MILK", None, None, "MILK", 299, None, 12, "own_brand"
)
SKIMMED = MILK._replace(product_id="995243", name="SKIMMED MILK", price_minor=None, stock=None)
BREAD = MILK._replace(product_id="856942", name="BREAD", family_2="BREAD", family="BREAD")


def a_shelf(store: Store, night: date, *stocked: PublishedProduct, attempt: int = 1) -> Run:
    run = begin(store, night, attempt)
    stage_products(store, run, item_level="product", programme=f"# of {run.run_id}", stocked=stocked)
    return run


def publish_shelf(store: Store, night: date, *stocked: PublishedProduct, attempt: int = 1) -> Run:
    run = a_shelf(store, night, *stocked, attempt=attempt)
    publish(store, run.run_id, now=MONDAY, manifest={})
    return run


def test_a_shelf_is_seen_once_its_run_is_published(store: Store) -> None:
    run = a_shelf(store, date(2017, 12, 4), MILK)
    assert published_shop(store) is None
    publish(store, run.run_id, now=MONDAY, manifest={})
    shelf = published_shop(store)
    assert shelf is not None
    assert (shelf.run_id, shelf.as_of, shelf.currency, shelf.item_level, shelf.programme) == (
        "2017-12-04.1",
        MONDAY,
        "USD",
        "product",
        "# of 2017-12-04.1",
    )


def test_products_are_found_by_their_ids_and_by_their_family(store: Store) -> None:
    run = publish_shelf(store, date(2017, 12, 4), BREAD, MILK, SKIMMED)
    assert products_named(store, run.run_no, ["995243", "856942", "1"]) == {
        "995243": SKIMMED,
        "856942": BREAD,
    }
    assert products_of_family(store, run.run_no, "MILK") == (MILK, SKIMMED)


def test_after_a_rollback_the_shelf_before_it_counts_again(store: Store) -> None:
    publish_shelf(store, date(2017, 12, 3), MILK)
    publish_shelf(store, date(2017, 12, 4), BREAD)
    drop_old_products(store)
    withdraw_run(store, "2017-12-04.1", now=MONDAY)
    shelf = published_shop(store)
    assert shelf is not None
    assert list(products_named(store, shelf.run_no, ["995242", "856942"])) == ["995242"]


def test_without_any_published_run_the_newest_shelf_still_tells_the_rules(store: Store) -> None:
    publish_shelf(store, date(2017, 12, 4), MILK)
    withdraw_run(store, "2017-12-04.1", now=MONDAY)
    drop_old_products(store)
    shelf = published_shop(store)
    assert shelf is not None
    assert shelf.run_id == "2017-12-04.1"


def test_old_shelves_go_and_staged_ones_stay(store: Store) -> None:
    runs = [publish_shelf(store, date(2017, 12, number), MILK) for number in (1, 2, 3)]
    runs.append(a_shelf(store, date(2017, 12, 4), MILK))
    drop_old_products(store)
    stocked = [bool(products_named(store, run.run_no, ["995242"])) for run in runs]
    assert stocked == [False, True, True, True]


def test_a_killed_night_leaves_no_shelf(store: Store) -> None:
    run = a_shelf(store, date(2017, 12, 4), MILK)
    discard_staged(store)
    assert products_named(store, run.run_no, ["995242"]) == {}
