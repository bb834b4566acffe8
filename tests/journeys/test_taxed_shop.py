"""A shop that declares VAT, from its tables to the morning's figures."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from engine.cli import app as operator
from tests.engine.commands.test_operating import say
from tests.shop import write_shop
from training.cli import app as scientist

NIGHT = "2017-12-04"
VAT = '\n[vat]\ncost = "excluded"\ndefault_bp = 2500\n'


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taxed")
    write_shop(folder / "shop", customers=24, products=24, days=80, seed=5, last_day=date(2017, 12, 3))
    with (folder / "shop" / "tables.toml").open("a", encoding="utf-8") as tables:
        tables.write(VAT)
    say(operator, "load", "--data", folder / "shop", "--workspace", folder / "workspace", "--buckets", 2)
    say(scientist, "fit", "--workspace", folder / "workspace", "--as-of", NIGHT, "--jobs", 1)
    return folder / "workspace"


@pytest.mark.long
def test_the_night_tells_its_cost_net_of_vat_beside_what_the_budget_counts(workspace: Path) -> None:
    said = say(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    (folder,) = (workspace / "runs").glob("2017*")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    planned, net = manifest["budget"]["planned_milli"], manifest["result"]["net_cost_milli"]
    assert net == pytest.approx(planned / 1.25, abs=1)
    assert "net of VAT" in next(line for line in said.splitlines() if line.startswith("  budget"))
    slots = pd.concat(pd.read_parquet(file) for file in (folder / "slots").glob("*.parquet"))
    assert planned == slots["expected_cost_milli"].sum()


@pytest.mark.long
def test_the_figures_say_that_they_are_net(workspace: Path, tmp_path: Path) -> None:
    period = ("--from", "2017-11-06", "--to", NIGHT)
    say(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    said = say(operator, "metrics", "--workspace", workspace, *period, "--json")
    assert json.loads(said)["net_of_vat"] is True
    late = ("overdue", "--workspace", workspace, "--as-of", NIGHT, "--out", tmp_path / "late.csv", "--json")
    assert json.loads(say(operator, *late))["net_of_vat"] is True
