import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from engine.cli import app as operator
from engine.domain.grants import Grant, GrantKind
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.grants.grant_ledger import give
from engine.store.log.period_summaries import summaries_of
from tests.engine.commands.test_operating import run, say
from tests.shop import write_shop
from training.cli import app as scientist

NIGHT = "2017-12-04"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of data after the only night."""
    folder = tmp_path_factory.mktemp("metrics")
    write_shop(folder / "shop", customers=24, products=24, days=80, seed=5, last_day=date(2017, 12, 17))
    say(operator, "load", "--data", folder / "shop", "--workspace", folder / "workspace", "--buckets", 2)
    say(scientist, "fit", "--workspace", folder / "workspace", "--as-of", NIGHT, "--jobs", 1)
    say(
        operator,
        "nightly",
        "--workspace",
        folder / "workspace",
        "--as-of",
        NIGHT,
        "--jobs",
        1,
        "--accept",
        "data_age",
    )
    return folder / "workspace"


def measured(workspace: Path, *more: object) -> list[dict[str, object]]:
    said = say(
        operator, "metrics", "--workspace", workspace, "--from", NIGHT, "--to", "2017-12-18", *more, "--json"
    )
    return list(json.loads(said)["metrics"])


def test_what_nobody_answered_is_said_and_not_shown_as_nought(workspace: Path) -> None:
    said = say(operator, "metrics", "--workspace", workspace, "--from", NIGHT, "--to", "2017-12-18")
    assert "nps                    not defined: no NPS answers in the period" in said
    assert "tables.toml declares no VAT, so margins count prices and costs as they stand" in said


def test_segments_of_the_night_divide_those_who_bought(workspace: Path) -> None:
    found = (
        pd.DataFrame(measured(workspace, "--by", "ladder")).drop_duplicates("segment").set_index("segment")
    )
    everybody = found.loc["everybody", "customers"]
    assert everybody > 0
    assert found.drop("everybody")["customers"].sum() == everybody


def test_programmes_divide_customers_by_whose_bundles_they_have(workspace: Path) -> None:
    found = pd.DataFrame(measured(workspace, "--by", "programme")).drop_duplicates("segment")
    by_name = found.set_index("segment")["customers"]
    assert set(by_name.index) == {"everybody", "no bundle", "without a name"}
    assert by_name["no bundle"] + by_name["without a name"] == by_name["everybody"]


def test_the_file_holds_what_the_store_keeps(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "metrics.parquet"
    measured(workspace, "--out", out)
    written = pd.read_parquet(out).set_index("metric")["value"]
    store = open_store(store_url_in(workspace))
    kept = next(
        one for one in summaries_of(store, date(2017, 12, 4), date(2017, 12, 18)) if not one.segment_by
    )
    store.close()
    assert kept.metrics["frequency"] == written["frequency"]
    assert kept.metrics["nps"] is None
    assert pd.isna(written["nps"])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--from", "2017-12-18", "--to", NIGHT), "--to 2017-12-04 is not after --from 2017-12-18"),
        (
            ("--from", "2017-12-03", "--to", NIGHT, "--by", "arm"),
            "No night up to --from 2017-12-03 is published",
        ),
        (("--from", "soon", "--to", NIGHT), "Expected --from as a date"),
    ],
)
def test_a_period_that_cannot_be_measured_is_refused(
    workspace: Path, more: tuple[str, ...], sentence: str
) -> None:
    code, said = run(operator, "metrics", "--workspace", workspace, *more)
    assert code == 2
    assert sentence in said


def test_what_grants_cost_stands_apart(workspace: Path) -> None:
    night = datetime(2017, 12, 5, tzinfo=UTC)
    kind = GrantKind.COMPENSATION
    sorry = Grant(
        "c-1", "1", kind, 500, "EUR", "Sour.", night, night + timedelta(days=7), "desk", night, kind.value
    )
    store = open_store(store_url_in(workspace))
    with store.writing("1") as connection:
        give(connection, sorry)
    store.close()
    asked = ("metrics", "--workspace", workspace, "--from", NIGHT, "--to", "2017-12-18")
    said = say(operator, *asked)
    assert (
        "Grants, compensation: 5.00 EUR given to 1 customer; used 0.00, returned 0.00, taken back 0.00"
        in said
    )
    (told,) = json.loads(say(operator, *asked, "--json"))["grants"]
    assert (told["kind"], told["given_minor"], told["cost_minor"]) == ("compensation", 500, 0)
