"""The claim of suppliers, as the shop's books get it."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.domain.funding import Funding
from engine.settings import store_url_in
from engine.store import open_store
from models import sources
from tests.engine.reports.test_managers_reports import MARCH, write_tables
from tests.engine.shop import basket, line, publish_shop

PAID = {0: Funding("Dairy", "=1+1", 5000, None, 900), 1: Funding("Mill", "M-2", 10_000, 10, 300)}
NOON = MARCH + timedelta(hours=1)
OF_MARCH = ("--from", "2024-03-10", "--to", "2024-05-01")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two customers used milk of two agreements, and one brought theirs back; the data end before that."""
    folder = tmp_path_factory.mktemp("claims")
    write_tables(folder / "shop")
    sources.load(folder / "shop", folder / "workspace", buckets=1)
    with closing(open_store(store_url_in(folder / "workspace"))) as store:
        publish_shop(store, ["anna", "boris"], night=MARCH.date(), fundings=PAID)
        redeem(store, basket(line(0), line(1, 2)), now=NOON)
        back = redeem(store, basket(line(0), customer_id="boris"), now=NOON)
        rollback(store, back.redemption_id, now=NOON + timedelta(days=1))
    return folder / "workspace"


def said(workspace: Path, *words: str) -> str:
    answer = CliRunner().invoke(app, ["report", "funders", "--workspace", str(workspace), *words])
    assert answer.exit_code == 0, answer.exception
    return answer.output


def test_a_claim_is_a_line_for_each_agreement_and_names_no_customer(workspace: Path) -> None:
    words = said(workspace, *OF_MARCH)
    assert "Dairy 0.22, Mill 0.20." in words
    assert "Mill, M-2, at most 0.10 a unit" in words
    assert "anna" not in words


def test_the_claim_as_json_and_as_a_file_that_no_spreadsheet_runs(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "claim.csv"
    (table,) = json.loads(said(workspace, *OF_MARCH, "--json", "--csv", str(file)))["tables"]
    dairy, _ = table["lines"]
    assert {
        head: dairy[head]["value"] for head in ("part", "redemptions", "funded", "returned", "claimed")
    } == {
        "part": 0.5,
        "redemptions": 2,
        "funded": 44,
        "returned": 22,
        "claimed": 22,
    }
    head, first, second = file.read_text().splitlines()
    assert head.startswith(
        "funder,agreement,from,to,currency,funded_bp,unit_cap_minor,redemptions,units_milli"
    )
    assert first == "Dairy,'=1+1,2024-03-10,2024-05-01,EUR,5000,,2,2000,90,44,1,1000,45,22,22"
    assert second == "Mill,M-2,2024-03-10,2024-05-01,EUR,10000,10,1,2000,90,20,0,0,0,0,20"


def test_a_period_without_redemptions_claims_nothing(workspace: Path) -> None:
    assert "there is nothing to claim" in said(workspace, "--from", "2024-02-01", "--to", "2024-03-01")


def test_beside_the_claims_each_programmes_use_is_told(workspace: Path) -> None:
    answer = CliRunner().invoke(app, ["report", "programmes", "--workspace", str(workspace), *OF_MARCH])
    assert answer.exit_code == 0, answer.exception
    assert "Given in EUR: without a name 1.35." in answer.output
    assert "chosen by it" in answer.output
