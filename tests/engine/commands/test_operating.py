"""An operator's evening: list, verify, roll back, prune, back up and restore, through the command line."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from engine.cli import app as operator
from engine.domain.offer_errors import OfferError
from engine.nightly import identity as night_request
from engine.nightly.choosing import policies
from engine.nightly.choosing.policy import no_offers
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.login_views import customers_with_offers, view_of
from engine.store.nights.run_records import current_run
from models.ground.exit_codes import exit_code_of
from models.ground.locks import only_writer
from models.ground.moment import local_midnight
from tests.engine.touching import Touch, touch
from tests.shop import write_shop
from training.cli import app as scientist

NIGHT = "2017-12-04"
FIRST, SECOND = f"{NIGHT}.1", f"{NIGHT}.2"
NOON = local_midnight(date(2017, 12, 5), "UTC").as_of


def run(app: Any, *arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    return exit_code_of(result.exception, (OfferError,)), str(result.exception)


def say(app: Any, *arguments: object) -> str:
    code, said = run(app, *arguments)
    assert code == 0, said
    return said


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which a night was repeated after a customer had redeemed one of its offers."""
    folder = tmp_path_factory.mktemp("operating")
    workspace = folder / "workspace"
    write_shop(folder / "shop", customers=24, products=24, days=68, seed=5, last_day=date(2017, 12, 3))
    say(operator, "load", "--data", folder / "shop", "--workspace", workspace, "--buckets", 3)
    say(scientist, "fit", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    say(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    redeem(workspace, 1)
    say(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    return workspace


@pytest.fixture
def workspace(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "workspace"))


def redeem(workspace: Path, customers: int) -> None:
    store = open_store(store_url_in(workspace))
    for customer in customers_with_offers(store, NOON, limit=customers):
        view = view_of(store, customer, NOON)
        assert view is not None
        offer = next(one for one in json.loads(view.body)["offers"] if one["state"] == "activated")["id"]
        assert touch(store, customer, offer, Touch.REDEEM, NOON)
    store.close()


def states(workspace: Path) -> dict[str, str]:
    listed = json.loads(say(operator, "runs", "list", "--workspace", workspace, "--json"))
    return {one["run_id"]: one["state"] for one in listed}


def refused(workspace: Path, *arguments: object) -> str:
    code, said = run(operator, "verify", *arguments, "--workspace", workspace, "--jobs", 1)
    assert code == 2
    return said


def test_runs_are_listed_with_what_became_of_them(workspace: Path) -> None:
    lines = say(operator, "runs", "list", "--workspace", workspace).splitlines()
    assert lines[0].split()[:2] == ["run", "state"]
    assert lines[1].startswith(f"{FIRST}  superseded")
    assert lines[2].startswith(f"{SECOND}  published, current")
    shown = json.loads(say(operator, "runs", "show", FIRST, "--workspace", workspace, "--json"))
    assert (shown["touched"], shown["manifest"]["load"]) == (1, "0001")
    assert "1 bundle touched" in say(operator, "runs", "show", FIRST, "--workspace", workspace)


def test_runs_are_told_in_the_shops_time_and_to_machines_in_utc(workspace: Path) -> None:
    store = open_store(store_url_in(workspace))
    with store.writing() as connection:
        connection.execute(text("UPDATE runs SET timezone = 'America/New_York'"))
    store.close()
    for command in (("list",), ("show", "current")):
        assert "2017-12-03 19:00:00-05:00" in say(operator, "runs", *command, "--workspace", workspace)
    shown = json.loads(say(operator, "runs", "show", "current", "--workspace", workspace, "--json"))
    assert (shown["as_of"], shown["timezone"]) == ("2017-12-04T00:00:00Z", "America/New_York")


def test_the_current_run_need_not_be_named_to_be_verified(workspace: Path) -> None:
    said = say(operator, "verify", "current", "--workspace", workspace, "--jobs", 1)
    assert said.startswith(f"Run {SECOND} is reproduced: ")


def test_a_killed_night_is_listed_as_unfinished(workspace: Path) -> None:
    shutil.copytree(workspace / "runs" / SECOND, workspace / "runs" / "2017-12-05.1")
    (workspace / "runs/2017-12-05.1/manifest.json").unlink()
    assert states(workspace)["2017-12-05.1"] == "unfinished"
    assert "run folder  there" in say(operator, "runs", "show", "2017-12-05.1", "--workspace", workspace)
    assert "unfinished or was pruned" in refused(workspace, "2017-12-05.1")


def test_an_unknown_run_is_refused_by_name(workspace: Path) -> None:
    assert run(operator, "runs", "show", "2018-01-01.1", "--workspace", workspace) == (
        2,
        f"There is no run 2018-01-01.1 in {workspace}; `abonement runs list` names them all.",
    )


def test_rolling_back_honours_what_was_touched(workspace: Path) -> None:
    redeem(workspace, 3)
    said = say(operator, "runs", "rollback", "current", "--workspace", workspace)
    assert said.startswith(f"Run {SECOND} is rolled back: ")
    assert "The current run is none" in said
    store = open_store(store_url_in(workspace))
    assert current_run(store) is None
    # two of this run, and the one whose offer of the first attempt was redeemed
    assert len(customers_with_offers(store, NOON, limit=100)) == 3
    store.close()
    assert run(operator, "runs", "rollback", SECOND, "--workspace", workspace)[0] == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_is_reproduced_by_any_number_of_workers(workspace: Path, jobs: int) -> None:
    before = {path: path.stat().st_mtime_ns for path in (workspace / "runs").rglob("*")}
    for name in (FIRST, SECOND):
        said = say(operator, "verify", name, "--workspace", workspace, "--jobs", jobs)
        assert said.startswith(f"Run {name} is reproduced: ")
        assert len(said.splitlines()) == 1
    assert {path: path.stat().st_mtime_ns for path in (workspace / "runs").rglob("*")} == before


def test_a_run_that_was_rolled_back_or_pruned_is_still_reproduced(workspace: Path) -> None:
    redeem(workspace, 3)
    say(operator, "runs", "rollback", SECOND, "--workspace", workspace)
    assert "identical" in say(operator, "verify", SECOND, "--workspace", workspace, "--jobs", 1)


def test_an_edited_programme_is_named(workspace: Path) -> None:
    file = workspace / "runs" / SECOND / "programme.toml"
    file.write_text(file.read_text().replace("1500", "1600"))
    assert "programme.toml was changed after the run" in refused(workspace, SECOND)


def test_changed_data_is_named(workspace: Path) -> None:
    file = workspace / "data/loads/0001/purchases/bucket=0001.parquet"
    pd.read_parquet(file).iloc[1:].to_parquet(file, index=False)
    assert "was changed after the load" in refused(workspace, SECOND)


def test_a_load_that_is_gone_is_named(workspace: Path) -> None:
    shutil.rmtree(workspace / "data/loads/0001")
    assert "load.json is missing" in refused(workspace, SECOND)


def test_a_tampered_model_is_named(workspace: Path) -> None:
    for file in (workspace / "registry/versions").rglob("parameters.json"):
        file.write_text(file.read_text().replace("0.", "0.1", 1))
    assert "does not match the checksum" in refused(workspace, SECOND)


def test_changed_slots_are_named(workspace: Path) -> None:
    file = workspace / "runs" / SECOND / "slots/bucket=0000.parquet"
    pd.read_parquet(file).assign(discount_bp=2000).to_parquet(file, index=False)
    assert "slots/bucket=0000.parquet was changed after the run" in refused(workspace, SECOND)


def test_other_bundles_than_the_run_made_are_found_even_where_the_manifest_agrees(workspace: Path) -> None:
    folder = workspace / "runs" / SECOND
    file = folder / "slots/bucket=0000.parquet"
    slots = pd.read_parquet(file)
    slots["discount_bp"] = 2000
    slots.to_parquet(file, index=False)
    from engine.nightly.folder.run_folder import RunFolder

    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = RunFolder(folder).digests()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    said = refused(workspace, SECOND)
    assert "slots/bucket=0000.parquet differs in" in said
    assert "(discount_bp)" in said


def test_a_changed_store_is_named(workspace: Path) -> None:
    store = open_store(store_url_in(workspace))
    with store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE views SET body = replace(body, '\"discount_bp\":1', '\"discount_bp\":2')"
        )
    store.close()
    assert "reads otherwise in the store" in refused(workspace, SECOND)


def test_other_code_is_told_where_the_result_is_the_same(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.nightly.run_origin.code_identity", lambda: "9.9.9+abc")
    said = say(operator, "verify", SECOND, "--workspace", workspace, "--jobs", 1)
    assert "is reproduced" in said
    assert f"note: the run was made by code {night_request.code_identity()}, this is 9.9.9+abc." in said


def test_a_policy_that_is_not_shipped_is_told(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "SHIPPED", {"no_offers": no_offers})
    said = refused(workspace, SECOND)
    assert f"Run {SECOND} was made by policy depth_rule, which is not to be had here." in said
    assert "shipped are no_offers, installed distributions give none" in said
    assert "install the distribution that gives it. Or verify the run from Python, with" in said


def test_a_run_from_before_policies_had_fingerprints_is_reproduced(workspace: Path) -> None:
    folder = workspace / "runs" / SECOND
    before = json.loads((folder / "request.json").read_text())
    del before["policy_fingerprint"]
    (folder / "request.json").write_text(json.dumps(before))
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["policy_fingerprint"]
    manifest["files"]["request.json"] = hashlib.sha256((folder / "request.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    store = open_store(store_url_in(workspace))
    with store.writing() as connection:
        connection.execute(
            text("UPDATE runs SET manifest = :manifest WHERE night = :night AND attempt = 2"),
            {"manifest": json.dumps(manifest), "night": NIGHT},
        )
    store.close()
    said = say(operator, "verify", SECOND, "--workspace", workspace, "--jobs", 1)
    assert "is reproduced" in said
    assert len(said.splitlines()) == 1


def test_a_programme_that_chooses_a_policy_nobody_gives_is_refused_before_there_is_a_store(
    workspace: Path, tmp_path: Path
) -> None:
    chosen = tmp_path / "programme.toml"
    chosen.write_text(programme_text() + '\n[policy]\nname = "depth_ruel"\n')
    elsewhere = f"sqlite:///{tmp_path / 'new.db'}"
    code, said = run(
        operator,
        "nightly",
        "--workspace",
        workspace,
        "--as-of",
        NIGHT,
        "--programme",
        chosen,
        "--store",
        elsewhere,
    )
    assert (code, (tmp_path / "new.db").exists()) == (2, False)
    assert (
        "There is no policy 'depth_ruel': shipped are depth_rule, no_offers, pull, value, installed" in said
    )


def programme_saying(folder: Path, sentences: str) -> Path:
    """A shop's programme file with its own sentences beside it."""
    (folder / "wording").mkdir(exist_ok=True)
    (folder / "wording" / "en.toml").write_text(sentences, encoding="utf-8")
    programme = folder / "programme.toml"
    programme.write_text(programme_text(), encoding="utf-8")
    return programme


def test_own_sentences_that_cannot_be_are_refused_before_there_is_a_store(
    workspace: Path, tmp_path: Path
) -> None:
    programme = programme_saying(tmp_path, '[overdue]\nother = "{n.__class__}"\n')
    elsewhere = ("--store", f"sqlite:///{tmp_path / 'new.db'}")
    code, said = run(
        *(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--programme", programme),
        *elsewhere,
    )
    assert (code, (tmp_path / "new.db").exists()) == (2, False)
    assert said == (
        f"{tmp_path / 'wording' / 'en.toml'}: overdue.other names 'n.__class__'; write {{n}} and no other."
    )


@pytest.mark.long
def test_own_sentences_are_read_and_a_run_is_verified_after_their_file_has_changed(
    workspace: Path, tmp_path: Path
) -> None:
    programme = programme_saying(tmp_path, '[bought_often]\nother = "Yours, {n} times"\n')
    say(
        operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--programme", programme, "--jobs", 1
    )
    third = f"{NIGHT}.3"
    slots = pd.concat(map(pd.read_parquet, (workspace / "runs" / third / "slots").glob("*.parquet")))
    often = slots.loc[slots["reason"] == "bought_often", "reason_text"]
    assert len(often)
    assert often.str.startswith("Yours, ").all()
    programme_saying(tmp_path, "no TOML any more")
    assert "is reproduced" in say(operator, "verify", third, "--workspace", workspace, "--jobs", 1)


def test_pruning_says_what_it_would_remove_and_keeps_what_was_touched(workspace: Path) -> None:
    said = say(operator, "prune", "--keep", 1, "--workspace", workspace, "--dry-run")
    assert said.startswith("Would remove 0 run folders, 18 bundles of 1 run ")
    say(operator, "prune", "--keep", 1, "--workspace", workspace)
    # the arms of the holdout, which it began, are compared by what it knew of customers
    assert (workspace / "runs" / FIRST).is_dir()
    shown = json.loads(say(operator, "runs", "show", FIRST, "--workspace", workspace, "--json"))
    assert (shown["touched"], shown["has_folder"]) == (1, True)
    assert say(operator, "prune", "--keep", 1, "--workspace", workspace).startswith(
        "Removed 0 run folders, 0 bundles"
    )
    assert say(operator, "prune", "--keep", 1, "--events-days", 400, "--workspace", workspace).endswith(
        " 0 loads and 0 events.\n"
    )
    assert "is reproduced" in say(operator, "verify", SECOND, "--workspace", workspace, "--jobs", 1)


def test_a_load_stays_as_long_as_a_run_was_made_from_it(workspace: Path) -> None:
    shop = workspace.parent / "shop"
    write_shop(shop, customers=24, products=24, days=69, seed=5, last_day=date(2017, 12, 3))
    loads = workspace / "data/loads"
    for _ in range(2):
        say(operator, "load", "--data", shop, "--workspace", workspace, "--buckets", 3)
    assert sorted(path.name for path in loads.iterdir()) == ["0001", "0003"]
    assert "is reproduced" in say(operator, "verify", SECOND, "--workspace", workspace, "--jobs", 1)


def test_backup_and_restore_bring_a_rolled_back_night_back(workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / "store.db"
    assert "checked" in say(operator, "backup", "--workspace", workspace, "--out", copy)
    say(operator, "runs", "rollback", SECOND, "--workspace", workspace)
    assert states(workspace)[SECOND] == "withdrawn"
    assert f"the current run is {SECOND}" in say(operator, "restore", copy, "--workspace", workspace)
    assert states(workspace)[SECOND] == "published"


@pytest.mark.parametrize(
    "command",
    [
        ("load", "--data", "shop"),
        ("nightly", "--as-of", NIGHT),
        ("runs", "rollback", SECOND),
        ("prune", "--keep", "1"),
        ("restore", "copy.db"),
    ],
)
def test_one_writer_at_a_time(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path / "shop", customers=5, products=12, days=30, seed=1, last_day=date(2017, 12, 3))
    say(operator, "backup", "--workspace", workspace, "--out", "copy.db")
    with only_writer(workspace, "the night of 2017-12-05"):
        code, said = run(operator, *command, "--workspace", workspace)
    assert code == 75
    assert "held by the night of 2017-12-05 (process" in said


def test_looking_does_not_wait_for_a_writer(workspace: Path) -> None:
    with only_writer(workspace, "the night of 2017-12-05"):
        assert SECOND in states(workspace)
        assert "is reproduced" in say(operator, "verify", SECOND, "--workspace", workspace, "--jobs", 1)
        say(operator, "backup", "--workspace", workspace, "--out", workspace.parent / "copy.db")
        say(operator, "prune", "--keep", 1, "--workspace", workspace, "--dry-run")


def test_show_says_why_somebody_has_no_bundle_and_who_is_held_out_only_when_asked(workspace: Path) -> None:
    outcomes = pd.concat(
        pd.read_parquet(file) for file in (workspace / "runs" / SECOND / "outcomes").iterdir()
    )
    held_out = outcomes.loc[outcomes["outcome"] == "holdout", "customer_id"].iloc[0]
    shown = ("show", "--workspace", workspace, "--now", "2017-12-05", "--customer")
    assert say(operator, *shown, held_out) == (
        f"Customer {held_out} has no bundle: the night chose nothing for them; --arms says more, to those who may know "
        "who is held out.\n"
    )
    assert "they are held out" in say(operator, *shown, held_out, "--arms")
    told = json.loads(say(operator, *shown, "nobody", "--json"))["customers"][0]["no_bundle"]
    assert (told["code"], told["text"].partition(":")[0]) == ("unknown", "the night's data do not know them")


def test_a_night_whose_folder_is_gone_says_that_it_cannot_say_why(workspace: Path) -> None:
    shutil.rmtree(workspace / "runs" / SECOND)
    said = say(operator, "show", "--workspace", workspace, "--now", "2017-12-05", "--customer", "nobody")
    assert said.startswith("Customer nobody has no bundle: the night's folder is gone")


def test_value_without_a_response_is_refused_before_there_is_a_store(workspace: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "programme.toml"
    explore = "[explore]\nfirst_share = 0.1\namount_minor = 1_000\n"
    chosen.write_text(f'{programme_text()}\n[policy]\nname = "value"\n{explore}')
    elsewhere = ("--store", f"sqlite:///{tmp_path / 'new.db'}")
    code, said = run(
        *(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--programme", chosen), *elsewhere
    )
    assert (code, (tmp_path / "new.db").exists()) == (2, False)
    assert "no response is in use: `abonement-train fit --response --as-of DAY` makes one." in said
