"""From a shop's files to what a customer sees, and to the files that others read."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app as operator
from engine.serving.app import create_app
from engine.settings import Settings
from models.tables import CUSTOMER_SCORES, LOG, OFFERS
from tests.shop import write_shop
from training.cli import app as scientist

AS_OF = "2024-03-31"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one_night")
    write_shop(folder / "shop", customers=40, products=60, days=151, seed=3, last_day=date(2024, 3, 31))
    said = [
        _say(operator, "load", "--data", folder / "shop", "--workspace", folder, "--buckets", 3),
        _say(scientist, "fit", "--workspace", folder, "--as-of", AS_OF, "--jobs", 1),
        _say(operator, "nightly", "--workspace", folder, "--as-of", AS_OF, "--jobs", 1),
    ]
    assert "it is the current version" in said[1]
    assert said[2].startswith("Night 2024-03-31.1: ")
    return folder


def test_every_customer_seen_gets_a_bundle_or_a_reason(workspace: Path) -> None:
    customers = _export(workspace, "customers")
    log = _export(workspace, "log")
    outcomes = pd.concat(
        pd.read_parquet(file) for file in (workspace / "runs/2024-03-31.1/outcomes").glob("*.parquet")
    )
    assert tuple(customers.columns) == CUSTOMER_SCORES.names
    assert tuple(log.columns) == LOG.names
    assert set(log["state"]) == {"activated"}
    assert customers["customer_id"].is_unique
    assert set(outcomes["outcome"]) == {"bundle", "holdout"}
    assert set(outcomes.query("outcome == 'bundle'")["customer_id"]) == set(log["customer_id"])
    assert set(outcomes.query("arm == 'holdout'")["customer_id"]).isdisjoint(log["customer_id"])


def test_a_longer_silence_is_never_likelier_than_a_shorter_one(workspace: Path) -> None:
    customers = _export(workspace, "customers")
    scored = customers[customers["p_churn"].notna()]
    assert len(scored)
    assert (scored["p_churn_long"] <= scored["p_churn"]).all()


def test_offers_are_whole_bundles_of_distinct_items(workspace: Path) -> None:
    offers = _export(workspace, "offers", "--now", AS_OF)
    assert tuple(offers.columns) == OFFERS.names
    sizes = offers.groupby("bundle_id")["item_id"].agg(["size", "nunique"])
    assert set(sizes["size"]) <= {5, 6}
    assert (sizes["size"] == sizes["nunique"]).all()
    assert set(offers["discount_bp"]) <= {1000, 1500, 2000}
    assert set(offers["run_id"]) == {"2024-03-31.1"}


def test_the_app_shows_what_the_night_wrote(workspace: Path) -> None:
    offers = _export(workspace, "offers", "--now", AS_OF)
    customer = str(offers["customer_id"].iloc[0])
    view = _login(workspace, customer)
    expected = offers[offers["customer_id"] == customer]
    assert [offer["item"]["id"] for offer in view["offers"]] == expected["item_id"].tolist()
    assert [offer["discount_bp"] for offer in view["offers"]] == expected["discount_bp"].tolist()
    assert all(offer["reason"]["text"] for offer in view["offers"])


def test_a_held_out_customer_and_a_stranger_see_the_same_nothing(workspace: Path) -> None:
    customers = _export(workspace, "customers")
    held_out = str(customers.query("arm == 'holdout'")["customer_id"].iloc[0])
    views = [_login(workspace, customer) | {"customer_id": ""} for customer in (held_out, "stranger")]
    assert views[0] == views[1]
    assert views[0]["offers"] == []


def test_a_night_while_bundles_run_leaves_them_alone(workspace: Path) -> None:
    before = _export(workspace, "offers", "--now", "2024-04-01")
    _say(operator, "nightly", "--workspace", workspace, "--as-of", "2024-04-01", "--jobs", 1)
    after = _export(workspace, "offers", "--now", "2024-04-01")
    kept = after[after["run_id"] == "2024-03-31.1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before)


def test_a_named_run_refuses_a_moment(workspace: Path) -> None:
    from models.ground.errors import BadInput

    out = workspace / "never.csv"
    arguments = ["export", "--workspace", str(workspace), "--what", "offers", "--out", str(out)]
    extra = CliRunner().invoke(operator, [*arguments, "--run", "2024-03-31.1", "--now", AS_OF])
    assert isinstance(extra.exception, BadInput)
    assert not out.exists()


def _say(app: object, *arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)  # type: ignore[arg-type]
    assert result.exit_code == 0, result.output
    return result.output


def _export(workspace: Path, what: str, *more: str) -> pd.DataFrame:
    out = workspace / f"{what}.parquet"
    when = more or ("--run", "2024-03-31.1")
    _say(operator, "export", "--workspace", workspace, "--what", what, "--out", out, *when)
    return pd.read_parquet(out)


def _login(workspace: Path, customer: str) -> dict[str, object]:
    now = datetime(2024, 3, 31, 9, tzinfo=UTC).isoformat()
    settings = Settings(workspace=workspace, clock=f"fixed:{now}")
    made = _say(
        operator, "keys", "create", "--workspace", workspace, "--name", "app", "--scope", "app", "--json"
    )
    key = {"authorization": f"Bearer {json.loads(made)['secret']}"}

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.get(f"/v1/customers/{customer}/offers", headers=key)

    response = asyncio.run(ask())
    assert response.status_code == 200
    view: dict[str, object] = json.loads(response.content)
    return view


def test_what_is_of_all_nights_is_exported_without_naming_one(workspace: Path) -> None:
    for what in ("redemptions", "favourites", "grants", "events", "audit"):
        out = workspace / f"{what}.csv"
        said = _say(operator, "export", "--workspace", workspace, "--what", what, "--out", out)
        assert said.startswith("Wrote ")
        assert out.read_text(encoding="utf-8").count(",") > 4
