"""Nights of two programmes, one after the other, in either order and on both stores."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.nightly.run import NightResult, run
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.store import Store
from engine.store.nights.login_views import view_of
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
