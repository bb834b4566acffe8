"""A programme may begin in some stores: for the customers who usually buy there, and for nobody else."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.day.choose_favourite import choose_favourite, favourite_of
from engine.domain.offer_errors import BadProgramme, Refused
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.shelf.usual_store import usual_stores
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.moment import local_midnight
from tests.engine.nightly.shop_nights import SECOND_NIGHT, night

LINE = '# stores = ["330", "367"]'
NOON = datetime(2024, 4, 7, 12, tzinfo=UTC)


def limited(*stores: str) -> str:
    named = ", ".join(f'"{one}"' for one in stores)
    assert LINE in programme_text()
    return programme_text().replace(LINE, f"stores = [{named}]")


def test_the_usual_store_is_that_of_most_days_then_the_last_visited(tmp_path: Path) -> None:
    days = [date(2024, 3, day) for day in (1, 2, 3, 4, 5, 6)]
    bought = pd.DataFrame(
        {
            "customer_no": [0, 0, 0, 1, 1, 2],
            "store_id": ["a", "a", "b", "a", "b", None],
            "local_day": [*days[:3], *days[3:5], days[5]],
            "purchased_at": pd.to_datetime(days, utc=True),
            "quantity_milli": 1000,
        }
    )
    path = tmp_path / "purchases.parquet"
    bought.to_parquet(path)
    assert usual_stores(path, local_midnight(date(2024, 4, 1), "UTC")).to_dict() == {0: "a", 1: "b"}
    assert usual_stores(path, local_midnight(date(2024, 3, 5), "UTC")).to_dict() == {0: "a", 1: "a"}


def test_who_usually_buys_elsewhere_gets_nothing_and_is_told_apart(lived_shop: Path) -> None:
    with pytest.raises(
        BadProgramme,
        match=r"eligibility.stores names 's7', where nobody has bought; the purchases name s0, s1, s2",
    ):
        night(lived_shop, SECOND_NIGHT, programme=limited("s1", "s7"))
    run = night(lived_shop, SECOND_NIGHT, programme=limited("s1"))
    files = sorted((RunFolder.of(lived_shop, run.run_id).path / "outcomes").glob("*.parquet"))
    outcomes = pd.concat([pd.read_parquet(file) for file in files]).set_index("customer_id")["outcome"]
    in_s1 = outcomes.index.map(lambda name: int(name[1:]) % 3 == 1)
    assert set(outcomes[~in_s1]) == {"other_store"}
    assert set(outcomes[in_s1]) <= {"bundle", "holdout", "not_seen", "has_open_bundle"}
    store = open_store(store_url_in(lived_shop))
    inside = outcomes[in_s1 & (outcomes == "bundle")].index[0]
    assert favourite_of(store, inside, NOON).suggestions
    item = favourite_of(store, inside, NOON).suggestions[0].id
    for name in (outcomes[~in_s1].index[0], "nobody-knows-them"):
        with pytest.raises(Refused, match="No favourite can be chosen"):
            choose_favourite(store, name, item, NOON)
    store.close()
