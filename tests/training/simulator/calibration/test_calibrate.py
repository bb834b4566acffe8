import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from models.ground.errors import BadInput
from tests.shop import write_shop
from training.cli import app

pytestmark = pytest.mark.long

WORLD = """\
name = "corner shop"
like = "calibrated"
unidentified = "as in the calibrated world"

[assortment]
families = 8
products_per_family = 4.0
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "shop"
    write_shop(folder, customers=40, products=12, days=366, seed=3, last_day=date(2024, 1, 1))
    (folder / "world.toml").write_text(WORLD, encoding="utf-8")
    return folder


def test_a_world_is_put_beside_a_shop_with_page_and_tables(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "training.simulator.calibration.calibrate.CUT_DAYS", (224,)
    )  # one fit a shop instead of four
    told = [
        "calibrate",
        "--data",
        str(shop),
        "--out",
        str(tmp_path / "out"),
        "--households",
        "100",
        "--lives",
        "2",
    ]
    result = CliRunner().invoke(app, [*told, "--world", str(shop / "world.toml"), "--jobs", "1", "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    figures = pd.read_csv(tmp_path / "out" / "figures.csv")
    assert answer["missed"] == figures.loc[figures["asked"] & figures["missed"], "key"].tolist()
    assert figures["real"].notna().sum() > 20
    assert "corner shop" in (tmp_path / "out" / "calibration.html").read_text(encoding="utf-8")
    assert answer["world"] is None


def test_a_world_that_is_not_there_is_refused_before_any_work(shop: Path, tmp_path: Path) -> None:
    told = ["calibrate", "--data", str(shop), "--out", str(tmp_path / "out"), "--world", "nowhere"]
    with pytest.raises(BadInput, match="There is no world nowhere"):
        CliRunner().invoke(app, told, catch_exceptions=False)
