"""Goods with a legal age, in a programme that offers them at all: for who is known to be old enough."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.day.choose_favourite import favourite_of
from engine.domain.offer_errors import BadProgramme
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.programme import parse_programme, programme_text
from engine.settings import store_url_in
from engine.store import open_store
from tests.engine.nightly.shop_nights import SECOND_NIGHT, change, night, silent

EXCLUDED = 'flags = ["alcohol", "tobacco", "partner"]'
AGES = "legal_age = { alcohol = 18, tobacco = 18 }"
ADULT, CHILD = date(2006, 4, 7), date(2006, 4, 8)  # on the night of 2024-04-07


def rules(*changes: tuple[str, str]) -> str:
    text = programme_text()
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def born(customers: pd.DataFrame) -> pd.DataFrame:
    """Of three customers one is of age on the day of the night, one on the day after, of one nobody knows."""
    days = [ADULT, CHILD, None]
    return customers.assign(birth_date=[days[number % 3] for number in range(len(customers))])


def test_alcohol_is_for_who_is_known_to_be_of_age_in_bundles_and_in_advice(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    change(workspace, "customers", born)
    run = night(workspace, SECOND_NIGHT, programme=rules((EXCLUDED, "flags = []")))
    folder = RunFolder.of(workspace, run.run_id)
    slots = pd.concat([pd.read_parquet(file) for file in folder.slot_files()])
    wine = slots["item_id"].str.match("p.*9$")
    assert set(slots.loc[wine, "customer_id"].str[1:].astype(int) % 3) == {0}
    assert "legal_age" in set(slots["runner_up_rule"])
    store = open_store(store_url_in(workspace))
    noon = datetime(2024, 4, 7, 12, tzinfo=UTC)
    for name in slots["customer_id"].unique():
        advised = [one.id for one in favourite_of(store, name, noon).suggestions]
        assert int(name[1:]) % 3 == 0 or not any(one.endswith("9") for one in advised)
    assert verify(workspace, run.run_id, store, jobs=1, progress=silent).bundles
    store.close()
    texts = pd.read_parquet(folder.suggestions(0))["items"].map(json.loads)
    assert {tuple(one["of_age"]) for one in texts if isinstance(one, dict)} == {("alcohol", "tobacco")}


def test_the_law_holds_where_a_programme_says_nothing_and_stricter_ages_may_be_written() -> None:
    silent_one = parse_programme(rules((AGES, "")), "an old file")
    assert silent_one.legal_ages == {"alcohol": 18, "tobacco": 18}
    stricter = parse_programme(rules((AGES, "legal_age = { alcohol = 21, own_brand = 16 }")), "a file")
    assert stricter.legal_ages == {"alcohol": 21, "tobacco": 18, "own_brand": 16}
    assert parse_programme(rules((AGES, "legal_age = { tobacco = 0 }")), "").legal_ages == {"alcohol": 18}
    assert stricter.kept_from_the_young == {"own_brand"}
    with pytest.raises(BadProgramme, match="flags with years from 0 to 99"):
        parse_programme(rules((AGES, "legal_age = { beer = 18 }")), "a file")
