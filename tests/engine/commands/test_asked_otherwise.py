"""The command line finds a customer by a merged card, and by a number with zeros before it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.merged_cards import take_over_card
from models.sources import load
from tests.engine.bundles import MONDAY
from tests.engine.shop import publish_shop
from tests.models.sources.small import GOOD, write_small_shop
from training.cli import app as scientist

SMALLEST = Path(__file__).parents[3] / "examples" / "smallest-shop"


def abonement(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Customer 7, whose old card was merged, has a bundle in a shop whose ids are numbers."""
    lines = tuple(line.replace("anna", "007") for line in GOOD)
    load(write_small_shop(tmp_path / "shop", lines=lines, ids="numbers"), tmp_path)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["7"], ids="numbers")
    take_over_card(store, "old-card", "7", at=MONDAY)
    store.close()
    return tmp_path


@pytest.mark.parametrize("name", ["7", "007", "old-card"])
def test_show_contacts_and_erase_find_the_customer(workspace: Path, name: str) -> None:
    where = ("--workspace", workspace)
    shown = abonement("show", *where, "--now", "2017-12-05", "--customer", name, "--json")
    (view,) = json.loads(shown)["customers"]
    assert (view["customer_id"], len(view["offers"])) == ("7", 5)

    at = datetime(2024, 3, 5, tzinfo=UTC).date().isoformat()
    abonement(
        "contacts", "record", *where, "--customer", name, "--found", "moved", "--at", at, "--by", "Olga"
    )
    held = json.loads(abonement("contacts", "list", *where, "--customer", name, "--json"))
    assert [one["customer_id"] for one in held] == ["7"]

    abonement("erase", *where, "--customer", name)
    shown = abonement("show", *where, "--now", "2017-12-05", "--customer", "7", "--json")
    assert json.loads(shown)["customers"][0]["offers"] == []


def test_show_says_of_a_number_with_zeros_before_it_why_there_is_no_bundle(tmp_path: Path) -> None:
    shop, workspace = tmp_path / "shop", tmp_path / "workspace"
    shop.mkdir()
    for table in ("purchases.csv", "products.csv"):
        text = (SMALLEST / table).read_text(encoding="utf-8")
        (shop / table).write_text(text.replace("anna", "007"), encoding="utf-8")
    declared = (SMALLEST / "tables.toml").read_text(encoding="utf-8")
    (shop / "tables.toml").write_text(f'ids = "numbers"\n{declared}', encoding="utf-8")
    load(shop, workspace)
    night = ("--workspace", str(workspace), "--as-of", "2024-03-28", "--jobs", "1")
    fitted = CliRunner().invoke(scientist, ["fit", *night], catch_exceptions=False)
    assert fitted.exit_code == 0, fitted.output
    abonement("nightly", *night)

    asked = ("show", "--workspace", workspace, "--now", "2024-03-28", "--arms", "--customer")
    held_out = "Customer 7 has no bundle: they are held out, so that the offers' worth can be measured.\n"
    assert [abonement(*asked, name) for name in ("7", "007")] == [held_out, held_out]
