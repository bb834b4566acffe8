"""A household gets one bundle, and one of its members is named to have it."""

import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd

from engine.day.offers_at_login import offers_at_login
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.shelf.one_a_household import household_part, other_members, sharing_members
from engine.nightly.verify import verify
from engine.programme import parse_programme, programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.moment import local_midnight, parse_moment
from tests.engine.nightly.bucket import night as a_night
from tests.engine.nightly.shop_nights import SECOND_NIGHT, change, night, silent

SEEN = parse_moment(f"{SECOND_NIGHT}T12:00:00Z", "UTC").as_of
AS_OF = local_midnight(date(2024, 4, 1), "UTC")


def test_named_is_who_keeps_a_bundle_then_who_shops_most_of_those_who_could_have_one(tmp_path: Path) -> None:
    ages = {0: [3, 4], 1: [2], 2: [1, 9, 30], 3: [5], 4: [6, 7], 5: [1, 2, 3], 6: [200], 7: [9], 8: [8]}
    days = [
        (number, pd.Timestamp(2024, 4, 1) - pd.Timedelta(days=age)) for number in ages for age in ages[number]
    ]
    path = tmp_path / "purchases.parquet"
    pd.DataFrame(
        {
            "customer_no": [number for number, _ in days],
            "local_day": [day.date() for _, day in days],
            "purchased_at": pd.to_datetime([day for _, day in days], utc=True),
            "quantity_milli": 1000,
        }
    ).to_parquet(path)
    people = pd.DataFrame(
        {
            "customer_no": range(9),
            "customer_id": [f"c{number}" for number in range(9)],
            "consent": pd.Series([None, None, None, None, None, False, None, None, None], dtype=object),
            "household_id": pd.Series(["a", "a", "a", "b", "b", "b", "c", "c", None], dtype="str"),
        }
    )
    part = household_part(people, path, AS_OF, a_night(), stopped={"c8"}, has_open={"c3"}, held={"c2"})
    found = other_members([part.iloc[::2], part.iloc[1::2]])
    # a: c2 shops most and is held out, c0 is named. b: c5 refused, c3 keeps a bundle. c: c6 has not been seen for 200 days
    assert found["customer_id"].tolist() == ["c1", "c4"]


def test_who_is_only_asked_back_is_named_where_nobody_else_of_the_household_still_comes(
    tmp_path: Path,
) -> None:
    ages = {0: [70, 71, 72], 1: [30], 2: [90], 3: [80]}
    days = [
        (number, pd.Timestamp(2024, 4, 1) - pd.Timedelta(days=age)) for number in ages for age in ages[number]
    ]
    path = tmp_path / "purchases.parquet"
    pd.DataFrame(
        {
            "customer_no": [number for number, _ in days],
            "local_day": [day.date() for _, day in days],
            "purchased_at": pd.to_datetime([day for _, day in days], utc=True),
            "quantity_milli": 1000,
        }
    ).to_parquet(path)
    people = pd.DataFrame(
        {
            "customer_no": range(4),
            "customer_id": [f"c{number}" for number in range(4)],
            "consent": pd.Series([None] * 4, dtype=object),
            "household_id": pd.Series(["a", "a", "b", "b"], dtype="str"),
        }
    )
    back = (
        '\n[rules]\nlost = "win_back"\n[rules.win_back]\nseen_days = 364\namount_minor = 1\nperiod = "week"\n'
    )
    rules = parse_programme(programme_text() + back, "a programme")
    part = household_part(people, path, AS_OF, a_night(rules), stopped=(), has_open=(), held=())
    assert other_members([part])["customer_id"].tolist() == ["c0", "c2"]


def test_who_shares_is_who_could_have_a_bundle_with_the_age_of_the_youngest() -> None:
    part = pd.DataFrame(
        {
            "household_id": ["b", "b", "a", "a", "a", "c"],
            "customer_id": ["c6", "c3", "c1", "c0", "c2", "c7"],
            "held": [False, False, False, False, True, False],
            "years": [0, 40, 44, 15, 3, 50],
        }
    )
    found = sharing_members([part.iloc[:3], part.iloc[3:]])
    # c2 is held out, c7 is alone; of c6 no age is known
    assert found.to_dict("list") == {
        "customer_id": ["c0", "c1", "c3", "c6"],
        "unit_no": [0, 0, 1, 1],
        "years": [15, 15, 0, 0],
    }


def test_a_night_gives_each_household_one_bundle_and_says_who_went_without(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    change(
        workspace,
        "customers",
        lambda people: people.assign(household_id=[f"h{number // 3}" for number in range(len(people))]),
    )
    line = "one_a_household = true"
    run = night(
        workspace, SECOND_NIGHT, programme=programme_text().replace(line, f"household_shares = true\n{line}")
    )
    files = sorted((RunFolder.of(workspace, run.run_id).path / "outcomes").glob("*.parquet"))
    rows = pd.concat([pd.read_parquet(file) for file in files])
    household = rows["customer_id"].str[1:].astype(int) // 3
    has = rows["outcome"].isin(["bundle", "has_open_bundle"])
    newly = household[rows["outcome"] == "bundle"]
    assert newly.is_unique
    assert not newly.isin(household[rows["outcome"] == "has_open_bundle"]).any()
    assert (rows["outcome"] == "other_member").sum() > has.sum() / 2
    store = open_store(store_url_in(workspace))
    assert verify(workspace, run.run_id, store, jobs=1, progress=silent).bundles == len(newly)
    seen = rows.loc[rows["outcome"].isin(["bundle", "other_member"]) & household.isin(newly), "customer_id"]
    shown = {name: json.loads(offers_at_login(store, name, SEEN).body) for name in seen}
    assert [view["customer_id"] for view in shown.values()] == list(shown)
    by_household: dict[int, list[str]] = {}
    for name, view in shown.items():
        by_household.setdefault(int(name[1:]) // 3, []).append(view["bundle"]["id"])
    assert all(len(set(ids)) == 1 for ids in by_household.values())
    assert any(len(ids) > 1 for ids in by_household.values())
    store.close()


def test_a_file_that_says_nothing_of_households_gives_every_member_a_bundle_and_keeps_its_fingerprint() -> (
    None
):
    line = next(line for line in programme_text().splitlines() if line.startswith("one_a_household"))
    old = parse_programme(programme_text().replace(line, ""), "an old file")
    assert not old.eligibility.one_a_household
    assert (
        old.fingerprint()
        == parse_programme(
            programme_text().replace(line, "one_a_household = false"), "the same"
        ).fingerprint()
    )
