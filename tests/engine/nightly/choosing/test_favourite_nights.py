"""Two nights of a small shop, with customers who pick a favourite on the day between them."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.commands.night_summary import favourite_line
from engine.day.choose_favourite import choose_favourite, favourite_of
from engine.domain.money import discount_minor
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import Store, open_store
from tests.engine.nightly.shop_nights import SECOND_NIGHT, change, night, silent

MORNING = datetime(2024, 3, 31, 9, tzinfo=UTC)
A_WEEK_LATER = datetime(2024, 4, 7, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(shop_after_a_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After the first night, three customers pick the best of their suggestions."""
    return Path(shutil.copytree(shop_after_a_night, tmp_path_factory.mktemp("favourites") / "workspace"))


@pytest.fixture(scope="module")
def store(shop: Path) -> Iterator[Store]:
    opened = open_store(store_url_in(shop))
    yield opened
    opened.close()


def bundled(workspace: Path, run_id: str) -> pd.DataFrame:
    slots = [pd.read_parquet(file) for file in RunFolder.of(workspace, run_id).slot_files()]
    return pd.concat(slots)[["customer_id", "item_id"]]


def test_the_next_night_leaves_favourites_out_of_bundles_ends_those_of_refusers_and_can_be_verified(
    shop: Path, store: Store
) -> None:
    first = bundled(shop, "2024-03-31.1")
    customers = first["customer_id"].unique().tolist()[:3]
    picked, planned_milli = {}, 0
    for customer_id in customers:
        best = favourite_of(store, customer_id, MORNING).suggestions[0]
        picked[customer_id] = best.id
        planned_milli += discount_minor(best.price_minor or 0, 3000) * 3 * 1000
        choose_favourite(store, customer_id, best.id, MORNING)
    # It counts for ten days from 1 April, so the bundles of 7 April must do without it.
    change(
        shop,
        "customers",
        lambda people: people.assign(consent=[name != customers[2] for name in people["customer_id"]]),
    )
    result = night(shop, SECOND_NIGHT)

    second = bundled(shop, "2024-04-07.1")
    own = {(row.customer_id, row.item_id) for row in second.itertuples()}
    assert set(customers[:2]) <= set(second["customer_id"])
    assert not own & set(picked.items())

    still = [favourite_of(store, customer_id, A_WEEK_LATER).current for customer_id in customers]
    assert [None if one is None else one.promise.item_id for one in still] == [
        picked[customers[0]],
        picked[customers[1]],
        None,
    ]
    # 7 April is the Sunday of the week in which the choices took effect.
    assert result.manifest["favourite"] == {
        "offered": True,
        "amount_minor": 200_000,
        "period": "week",
        "planned_milli": planned_milli,
        "given_minor": 0,
        "customers": 3,
        "expected_units": 3,
        "units_sold_milli": None,
    }
    assert (
        verify(shop, "2024-04-07.1", store, jobs=1, progress=silent).bundles
        == result.manifest["result"]["bundles"]
    )


def test_the_operator_reads_how_the_line_stands() -> None:
    line = {"offered": True, "amount_minor": 200_000, "period": "week", "planned_milli": 1_644_000}
    line |= {"given_minor": 512, "customers": 312, "expected_units": 3, "units_sold_milli": 2_449}
    assert favourite_line(line, "EUR") == (
        "312 customers have one; expected cost 16.44 of 2,000.00 EUR a week, 5.12 given so far; "
        "sold 2.4 units, expected 3"
    )
    assert favourite_line(line | {"offered": False}, "EUR") == "not offered; 312 customers still have one"


def test_every_customer_seen_is_advised_what_they_are_likely_to_buy(shop: Path) -> None:
    folder = RunFolder.of(shop, "2024-03-31.1")
    outcomes = pd.concat([pd.read_parquet(file) for file in folder.outcome_files()])
    advised = pd.concat([pd.read_parquet(folder.suggestions(bucket)) for bucket in range(2)])
    treated = outcomes.loc[outcomes["arm"] == "treated", "customer_id"]
    assert set(advised["customer_id"]) == set(treated)
    assert all(1 <= len(json.loads(items)) <= 12 for items in advised["items"])
