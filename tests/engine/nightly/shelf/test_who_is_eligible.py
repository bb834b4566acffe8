"""Whom a night looks at: as the programme says, and not only those that the model has learnt from."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.nightly.run import run
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models import sources
from models.ground.moment import local_midnight, parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, fit_model, silent
from tests.shop import write_shop

LAPSED, NEWCOMER, JOINED, SUSPECT = "c_lapsed", "c_newcomer", "c_joined", "c_suspect"
LAUNCHED = "p_launched"
NEW_TO_HIM = ("new_in_family", "alike", "goes_with", "rising", "popular", "something_new")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with one who came last 100 days ago, one who came once, one who joined only, one of whom nothing is known.

    One product was put on the shelf the day before the night; nobody has bought it.
    """
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
    assortment = pd.read_parquet(folder / "shop/products.parquet")
    launched = assortment.iloc[[0]].assign(
        product_id=LAUNCHED, name="Launched", flags="", price=500, cost=300, introduced_on=date(2024, 3, 30)
    )
    pd.concat([assortment, launched]).to_parquet(folder / "shop/products.parquet", index=False)
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    fit_model(folder / "workspace", parse_moment(FIRST_NIGHT, "UTC"))
    return folder / "workspace"


def outcomes(workspace: Path, eligibility: str, launch_share: str = "0.0") -> dict[str, str]:
    return dict(
        night(workspace, eligibility, launch_share)["outcomes"][["customer_id", "outcome"]].to_numpy()
    )


def night(workspace: Path, eligibility: str, launch_share: str = "0.0") -> dict[str, pd.DataFrame]:
    """Outcomes and slots of a night by the shipped programme, nobody held out, with a few keys of its own."""
    text = (
        programme_text().replace("seen_days = 56 ", f"{eligibility}\n# ").replace("prospects = false ", "# ")
    )
    text = text.replace("launch_share = 0.1 ", f"launch_share = {launch_share} ")
    text = text.replace("share = 0.10", "share = 0.0").replace(
        'covers = ["bundle", "favourite"]', "covers = []"
    )
    store = open_store(store_url_in(workspace))
    try:
        result = run(
            workspace,
            local_midnight(date.fromisoformat(FIRST_NIGHT), "UTC"),
            text,
            store,
            now=datetime(2024, 3, 31, 1, tzinfo=UTC),
            jobs=1,
            progress=silent,
            accepted=("known_customers",),
        )
    finally:
        store.close()
    folder = workspace / "runs" / result.run_id
    return {
        name: pd.concat(
            [pd.read_parquet(file) for file in (folder / name).glob("*.parquet")], ignore_index=True
        )
        for name in ("outcomes", "slots")
    }


def test_by_default_newcomers_are_looked_at_and_neither_lapsed_nor_prospects(workspace: Path) -> None:
    found = outcomes(workspace, "seen_days = 56\nprospects = false")
    assert found[NEWCOMER] == "bundle"
    assert not {LAPSED, JOINED, SUSPECT} & set(found)


def test_the_lapsed_are_asked_back_where_the_programme_looks_further_than_the_model(workspace: Path) -> None:
    assert outcomes(workspace, "seen_days = 182\nprospects = false")[LAPSED] == "bundle"


def test_who_has_joined_gets_the_most_bought_items_where_the_programme_wants_it(workspace: Path) -> None:
    found = night(workspace, "seen_days = 56\nprospects = true")
    given = found["outcomes"].set_index("customer_id")["outcome"]
    assert given[JOINED] == "bundle"
    assert SUSPECT not in given
    own = found["slots"][found["slots"]["customer_id"] == JOINED]
    assert set(own["kind"]) <= {"cold_start", "novelty"}
    assert set(own["reason"]) <= {"popular", "something_new"}


def test_who_came_once_gets_what_they_bought_and_the_rest_from_their_families_and_what_is_popular(
    workspace: Path,
) -> None:
    slots = night(workspace, "seen_days = 56\nprospects = false")["slots"]
    own = slots[slots["customer_id"] == NEWCOMER]
    assert len(own) >= 5
    assert own["kind"].value_counts()["preferred"] == 1
    assert own.loc[own["kind"] != "preferred", "reason"].isin(NEW_TO_HIM).all()
    assert own["p_buy"].between(0.0, 0.6, inclusive="neither").all()


def test_a_product_launched_yesterday_is_tried_on_customers_of_its_family(workspace: Path) -> None:
    slots = night(workspace, "seen_days = 56\nprospects = false", launch_share="1.0")["slots"]
    of_its_family = set(slots.loc[slots["considered_launched"] > 0, "customer_id"])
    tried = slots[slots["item_id"] == LAUNCHED]
    assert 5 <= len(of_its_family) < slots["customer_id"].nunique()
    assert set(tried["customer_id"]) == of_its_family
    assert set(tried["kind"]) == {"novelty"}
    assert set(tried["reason"]) == {"new_on_shelf"}
    # nobody has bought it yet, and the trees say so
    assert tried["p_buy"].max() < slots["p_buy"].median()


@pytest.mark.long
def test_the_share_for_launches_says_how_many_try(workspace: Path) -> None:
    tried = []
    for share in ("0.0", "1.0"):
        slots = night(workspace, "seen_days = 56\nprospects = false", launch_share=share)["slots"]
        tried.append((slots["item_id"] == LAUNCHED).sum())
    assert tried[0] < tried[1] / 2
