"""Nights of two programmes, one after the other, in either order and on both stores."""

import json
import shutil
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.cli import main
from engine.nightly.run import NightResult, run
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.nights.login_views import view_of
from engine.store.nights.run_records import all_runs, current_run
from models.ground.moment import local_midnight
from tests.engine.nightly.shop_nights import FIRST_NIGHT, silent

NIGHT_NOW = datetime(2024, 3, 31, 12, tzinfo=UTC)


def named(name: str, *, days: int, budget: int = 100_000) -> str:
    """The shipped programme under a name, whose bundles last so many days."""
    text = programme_text().replace("amount_minor = 600_000", f"amount_minor = {budget}", 1)
    for key in ("min_days", "max_days"):
        line = next(one for one in text.split("\n") if one.startswith(f"{key} = "))
        text = text.replace(line, f"{key} = {days}", 1)
    return f'name = "{name}"\n{text}'


WEEKLY, SHORT = named("weekly", days=7), named("short", days=4)


def publish(workspace: Path, store: Store, text: str, day: str = FIRST_NIGHT) -> NightResult:
    at = local_midnight(date.fromisoformat(day), "UTC")
    return run(workspace, at, text, store, now=NIGHT_NOW, jobs=1, progress=silent)


def slots(workspace: Path, run_id: str) -> pd.DataFrame:
    files = sorted((workspace / "runs" / run_id / "slots").glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


@pytest.mark.long
def test_where_the_second_night_fails_the_first_stays_published_and_the_command_says_so(
    opened_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    files = {"weekly": WEEKLY, "daily": named("daily", days=1), "short": SHORT}
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    words = [word for name in files for word in ("--programme", str(tmp_path / f"{name}.toml"))]
    monkeypatch.setattr(
        "sys.argv",
        [
            "abonement",
            "nightly",
            "--workspace",
            str(workspace),
            "--as-of",
            FIRST_NIGHT,
            "--jobs",
            "1",
            *words,
        ],
    )
    with pytest.raises(SystemExit) as leaving:
        main()
    said = capsys.readouterr()
    assert leaving.value.code == 2
    assert "programme  weekly: its bundles last 7 days" in said.out
    assert "validity is 1 to 1 days, but the model predicts purchases within 4 to 7 days" in said.err
    assert "fit --windows 1-7 --promote" in said.err
    assert f"weekly.toml as run {FIRST_NIGHT}.weekly.1" in said.err
    with closing(open_store(store_url_in(workspace))) as store:
        run_now = current_run(store)
        assert [one.run_id for one in all_runs(store)] == [f"{FIRST_NIGHT}.weekly.1"]
    assert (run_now and run_now.programme) == "weekly"


@pytest.mark.long
def test_who_has_enough_and_who_stands_otherwise_gets_no_second_bundle(
    opened_shop: Path, tmp_path: Path, store: Store
) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    first = publish(workspace, store, WEEKLY)
    some = 'to = ["client", "repeat", "first_time", "won_back"]'
    second = publish(workspace, store, f"{SHORT}\n[assigned]\n{some}\nmax_bundles = 1\n")
    outcomes = second.manifest["result"]["outcomes"]
    assert outcomes["enough_offers"] + outcomes["not_assigned"] >= first.manifest["result"]["bundles"]
    assert outcomes["not_assigned"] > 0
    assert outcomes.get("bundle", 0) == second.manifest["result"]["bundles"]
    proof = verify(workspace, second.run_id, store, jobs=1, progress=silent)
    assert proof.bundles == second.manifest["result"]["bundles"]


@pytest.mark.long
@pytest.mark.parametrize("order", [("weekly", "short"), ("short", "weekly")])
def test_a_second_programme_gives_other_items_to_the_same_customers(
    opened_shop: Path, tmp_path: Path, store: Store, order: tuple[str, str]
) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    texts = {"weekly": WEEKLY, "short": SHORT}
    first, second = (publish(workspace, store, texts[name]) for name in order)
    assert (first.run_id, second.run_id) == (f"{FIRST_NIGHT}.{order[0]}.1", f"{FIRST_NIGHT}.{order[1]}.2")
    of_first, of_second = slots(workspace, first.run_id), slots(workspace, second.run_id)
    both = of_first.merge(of_second, on=["customer_id", "item_id"])
    who = set(of_first["customer_id"]) & set(of_second["customer_id"])
    assert len(who) > 20
    assert both.empty
    view = view_of(store, min(who), NIGHT_NOW)
    assert view is not None
    body = json.loads(view.body)
    assert [one["programme"] for one in body["bundles"]] == ["short", "weekly"]
    assert len(body["offers"]) == sum(one["slots_total"] for one in body["bundles"])
    assert second.manifest["budget"]["committed_milli"] == 0
    proof = verify(workspace, second.run_id, store, jobs=1, progress=silent)
    assert proof.stored == proof.bundles
