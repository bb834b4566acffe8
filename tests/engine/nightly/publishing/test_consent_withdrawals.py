"""A customer withdraws their consent while they have a bundle."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from engine.settings import store_url_in
from engine.store import open_store
from engine.store.choices.favourites import suggestions_of
from engine.store.nights.login_views import customers_with_offers, view_of
from engine.store.nights.run_records import current_run
from tests.engine.nightly.shop_nights import change, load, night

WEDNESDAY = "2024-04-03"
_ALL = 10_000  # customers, more than the shop has


def test_the_next_night_ends_the_bundle_of_who_refuses_and_leaves_the_others_theirs(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(copytree(shop_after_a_night, tmp_path / "workspace"))
    store = open_store(store_url_in(workspace))
    at = datetime(2024, 4, 3, tzinfo=UTC)
    refuser, *others = customers_with_offers(store, at, limit=_ALL)
    change(
        workspace,
        "customers",
        lambda people: people.assign(consent=[name != refuser for name in people["customer_id"]]),
    )

    night(workspace, WEDNESDAY)

    assert view_of(store, refuser, at) is None
    have = set(customers_with_offers(store, at, limit=_ALL))
    assert set(others) <= have
    assert refuser not in have
    store.close()


@pytest.mark.parametrize("word", ["nein", "opt-out"])
def test_a_consent_that_cannot_be_read_ends_bundle_and_favourite_offers_and_brings_no_new_ones(
    shop_after_a_night: Path, tmp_path: Path, word: str
) -> None:
    workspace = Path(copytree(shop_after_a_night, tmp_path / "workspace"))
    store = open_store(store_url_in(workspace))
    at = datetime(2024, 4, 3, tzinfo=UTC)
    refuser, *_ = customers_with_offers(store, at, limit=_ALL)
    change(
        workspace,
        "customers",
        lambda people: people.assign(
            consent=[word if name == refuser else "yes" for name in people["customer_id"]]
        ),
    )

    night(workspace, WEDNESDAY)

    assert view_of(store, refuser, at) is None
    run = current_run(store)
    assert run is not None
    assert not suggestions_of(store, run.run_no, refuser).allowed
    store.close()


def test_the_next_night_ends_the_bundle_of_an_id_that_proved_to_be_no_customer(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(copytree(shop_after_a_night, tmp_path / "workspace"))
    store = open_store(store_url_in(workspace))
    at = datetime(2024, 4, 3, tzinfo=UTC)
    nobody, *others = customers_with_offers(store, at, limit=_ALL)
    declared = workspace / "shop" / "tables.toml"
    declared.write_text(f'no_customers = ["{nobody}"]\n{declared.read_text()}')
    load(workspace)

    night(workspace, WEDNESDAY)

    assert view_of(store, nobody, at) is None
    assert set(others) <= set(customers_with_offers(store, at, limit=_ALL))
    store.close()
