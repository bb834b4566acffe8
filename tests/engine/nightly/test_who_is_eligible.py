"""Whom a night looks at: as the programme says, and not only those that the model has learnt from."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.nightly.policy import depth_rule
from engine.nightly.run import run
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models import sources
from models.moment import local_midnight, parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, fit_model, silent
from tests.shop import write_shop

LAPSED, NEWCOMER, JOINED, SUSPECT = "c_lapsed", "c_newcomer", "c_joined", "c_suspect"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with one who came last 100 days ago, one who came once, one who joined only, one of whom nothing is known."""
    folder = tmp_path_factory.mktemp("eligible")
    write_shop(folder / "shop", customers=40, products=40, days=150, seed=3, last_day=date(2024, 3, 30))
    lines = pd.read_parquet(folder / "shop/purchases.parquet")
    one = lines[lines["basket_id"] == lines["basket_id"].iloc[0]].iloc[[0]]
    visits = {LAPSED: ["2023-11-10", "2023-11-20", "2023-12-22"], NEWCOMER: ["2024-03-29"]}
    added = [
        one.assign(
            customer_id=customer,
            basket_id=f"{customer}-{day}",
            line_no=1,
            purchased_at=pd.Timestamp(f"{day}T10:00Z"),
        )
        for customer, days in visits.items()
        for day in days
    ]
    frame = pd.concat([lines, *added]).astype({"purchased_at": lines["purchased_at"].dtype})
    frame.to_parquet(folder / "shop/purchases.parquet", index=False)
    people = pd.read_parquet(folder / "shop/customers.parquet")
    new = pd.DataFrame(
        {
            "customer_id": [LAPSED, NEWCOMER, JOINED, SUSPECT],
            "consent": [True, True, True, None],
            "joined_on": [None, None, date(2024, 3, 1), None],
        }
    )
    pd.concat([people, new]).to_parquet(folder / "shop/customers.parquet", index=False)
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    fit_model(folder / "workspace", parse_moment(FIRST_NIGHT, "UTC"))
    return folder / "workspace"


def outcomes(workspace: Path, eligibility: str) -> dict[str, str]:
    text = (
        programme_text().replace("seen_days = 56 ", f"{eligibility}\n# ").replace("prospects = false ", "# ")
    )
    text = text.replace("share = 0.10", "share = 0.0").replace(
        'covers = ["bundle", "favourite"]', "covers = []"
    )
    store = open_store(store_url_in(workspace))
    try:
        result = run(
            workspace,
            local_midnight(date.fromisoformat(FIRST_NIGHT), "UTC"),
            text,
            depth_rule,
            store,
            now=datetime(2024, 3, 31, 1, tzinfo=UTC),
            jobs=1,
            progress=silent,
            accepted=("known_customers",),
        )
    finally:
        store.close()
    files = (workspace / "runs" / result.run_id / "outcomes").glob("*.parquet")
    found = pd.concat([pd.read_parquet(file) for file in files])
    return dict(zip(found["customer_id"], found["outcome"], strict=True))


def test_by_default_newcomers_are_looked_at_and_neither_lapsed_nor_prospects(workspace: Path) -> None:
    found = outcomes(workspace, "seen_days = 56\nprospects = false")
    assert found[NEWCOMER] == "bundle"
    assert not {LAPSED, JOINED, SUSPECT} & set(found)


def test_the_lapsed_are_asked_back_where_the_programme_looks_further_than_the_model(workspace: Path) -> None:
    assert outcomes(workspace, "seen_days = 182\nprospects = false")[LAPSED] == "bundle"


def test_who_has_joined_gets_the_most_bought_items_where_the_programme_wants_it(workspace: Path) -> None:
    found = outcomes(workspace, "seen_days = 56\nprospects = true")
    assert found[JOINED] == "bundle"
    assert SUSPECT not in found
    slots = pd.concat(
        [pd.read_parquet(file) for file in (workspace / "runs").glob("*/slots/*.parquet")], ignore_index=True
    )
    own = slots[slots["customer_id"] == JOINED]
    assert set(own["kind"]) <= {"cold_start", "novelty"}
    assert set(own["reason"]) <= {"popular", "something_new"}
