"""What an operator gets wrong, and what others damaged: one sentence, exit code 2, nothing left behind."""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from engine.cli import app as operator
from engine.nightly.folder.run_folder import RunFolder
from engine.settings import store_url_in
from tests.engine.commands.test_operating import run, say
from tests.shop import write_shop
from training.cli import app as scientist

NIGHT = "2017-12-04"
RUN = f"{NIGHT}.1"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one published night."""
    folder = tmp_path_factory.mktemp("misuse")
    workspace = folder / "workspace"
    write_shop(folder / "shop", customers=24, products=24, days=68, seed=5, last_day=date(2017, 12, 3))
    say(operator, "load", "--data", folder / "shop", "--workspace", workspace, "--buckets", 2)
    say(scientist, "fit", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    say(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    return workspace


@pytest.fixture
def workspace(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "workspace"))


def refused(*arguments: object) -> str:
    code, said = run(operator, *arguments)
    assert code == 2, said
    return said


def export(workspace: Path, what: str, *more: object) -> tuple[object, ...]:
    out = workspace.parent / "out.csv"
    return ("export", "--workspace", workspace, "--what", what, "--out", out, *more)


_READING: tuple[Sequence[str], ...] = (
    ("export", "--what", "offers", "--now", NIGHT, "--out", "out.csv"),
    ("show", "--now", NIGHT),
    ("runs", "list"),
    ("runs", "show", RUN),
    ("runs", "rollback", RUN),
    ("report", RUN, "--out", "report.html"),
    ("verify", RUN),
    ("prune", "--keep", "1"),
)


@pytest.mark.parametrize("command", _READING, ids=lambda command: " ".join(command[:2]))
def test_a_workspace_without_a_store_is_refused_and_none_is_made(
    command: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "empty"):
        said = refused(*command, "--workspace", name)
        assert said == (
            f"There is no store at {tmp_path / name / 'store.db'}; "
            "run `abonement nightly` first, or check the path."
        )
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_a_read_goes_by_the_clock_of_the_deployment(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABONEMENT_CLOCK", f"fixed:{NIGHT}T09:00:00Z")
    assert "bundle b_" in say(operator, "show", "--workspace", workspace)
    say(operator, *export(workspace, "offers"))
    by_clock = (workspace.parent / "out.csv").read_bytes()
    say(operator, *export(workspace, "offers", "--now", f"{NIGHT}T09:00:00Z"))
    assert (workspace.parent / "out.csv").read_bytes() == by_clock
    monkeypatch.setenv("ABONEMENT_CLOCK", "fixed:2017-12-01T09:00:00Z")
    assert refused(*export(workspace, "offers")) == (
        "The deployment's clock, 2017-12-01T09:00:00Z, is before the first night; "
        "expected 2017-12-04T00:00:00Z or later."
    )
    monkeypatch.setenv("ABONEMENT_CLOCK", "noon")
    assert refused("show", "--workspace", workspace).startswith(
        "ABONEMENT_CLOCK is 'noon': expected system, or"
    )


def test_where_nobody_has_an_offer_now_it_is_said_until_when_there_were_some(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABONEMENT_CLOCK", "fixed:2018-06-01T09:00:00Z")
    told = (
        "Nobody has an offer at 2018-06-01T09:00:00Z, by the deployment's clock; the last of them end at "
        "2017-12-11T00:00:00Z. Name another moment with --now, or set ABONEMENT_CLOCK.\n"
    )
    assert say(operator, "show", "--workspace", workspace) == told
    assert say(operator, *export(workspace, "offers")).endswith(f"out.csv. {told}")


def test_offers_are_exported_with_the_names_that_their_customers_read(workspace: Path) -> None:
    for which in (("--run", RUN), ("--now", NIGHT)):
        say(operator, *export(workspace, "offers", *which))
        offers = pd.read_csv(workspace.parent / "out.csv")
        assert len(offers)
        assert (offers["name"] == "Product " + offers["item_id"].str[1:].astype(int).astype(str)).all()


@pytest.mark.parametrize("by", ["option", "environment"])
@pytest.mark.long
def test_every_command_finds_a_store_elsewhere(
    by: str, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (workspace / "store.db").rename(elsewhere / "store.db")
    store = ["--store", store_url_in(elsewhere)] if by == "option" else []
    if by == "environment":
        monkeypatch.setenv("ABONEMENT_STORE_URL", store_url_in(elsewhere))
    for command in (c for c in _READING if c[1] != "rollback"):
        say(operator, *command, "--workspace", workspace, *store)
    say(operator, "backup", "--workspace", workspace, "--out", "copy.db", *store)
    say(operator, "restore", "copy.db", "--workspace", workspace, *store)
    say(operator, "nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1, *store)
    assert f"{NIGHT}.2" in say(operator, "runs", "list", "--workspace", workspace, *store)
    assert not (workspace / "store.db").exists()


def test_the_report_of_the_current_run_need_not_be_named(workspace: Path) -> None:
    assert f"runs/{RUN}/sight/report.html" in say(operator, "report", "current", "--workspace", workspace)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("name", ["purchases/bucket=0000", "customers/bucket=0001", "products"])
def test_damaged_data_is_named_by_the_night(workspace: Path, name: str, jobs: int) -> None:
    file = workspace / f"data/loads/0001/{name}.parquet"
    file.write_bytes(b"junk" * 100)
    said = refused("nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", jobs)
    assert said == f"{file} is missing or was changed after the load; run `abonement load` again."


def test_damaged_data_is_named_by_a_fit(workspace: Path) -> None:
    file = workspace / "data/loads/0001/purchases/bucket=0000.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    code, said = run(scientist, "fit", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    assert (code, said) == (
        2,
        f"{file} is missing or was changed after the load; run `abonement load` again.",
    )


@pytest.mark.parametrize("what", ["offers", "log", "customers"])
def test_a_damaged_file_of_a_run_is_named_by_an_export(workspace: Path, what: str) -> None:
    file = workspace / "runs" / RUN / ("outcomes" if what == "customers" else "slots") / "bucket=0001.parquet"
    file.write_bytes(b"junk")
    for command in (export(workspace, what, "--run", RUN), ("report", RUN)):
        assert refused(*command, "--workspace", workspace).startswith(
            f"{file} is missing or was changed after the run;"
        )
    file.unlink()
    assert str(file) in refused(*export(workspace, what, "--run", RUN))


def test_what_a_run_of_an_older_release_did_not_write_is_empty_in_an_export(workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / RUN)
    for file in folder.slot_files():
        pd.read_parquet(file).drop(columns="considered_rising").to_parquet(file, index=False)
    manifest = json.loads((folder.path / "manifest.json").read_text(encoding="utf-8"))
    (folder.path / "manifest.json").write_text(json.dumps(manifest | {"files": folder.digests()}))
    say(operator, *export(workspace, "log", "--run", RUN))
    exported = pd.read_csv(workspace.parent / "out.csv")
    assert exported["considered_rising"].isna().all()
    assert exported["considered_family"].notna().all()


@pytest.mark.parametrize("what", ["offers", "log", "customers"])
def test_now_is_read_and_must_not_be_before_the_first_night(workspace: Path, what: str) -> None:
    assert "Expected --now as a date" in refused(*export(workspace, what, "--now", "garbage"))
    assert refused(*export(workspace, what, "--now", f"{NIGHT}T00:00")).startswith(
        "--now must carry a time zone"
    )
    assert refused(*export(workspace, what, "--now", "2017-12-03")) == (
        "--now 2017-12-03 is before the first night; expected 2017-12-04T00:00:00Z or later."
    )
    say(operator, *export(workspace, what, "--now", NIGHT))


def test_an_export_is_of_the_night_that_was_current_then(workspace: Path) -> None:
    say(operator, "nightly", "--workspace", workspace, "--as-of", "2017-12-05", "--jobs", 1)
    for now in (NIGHT, "2017-12-05"):
        say(operator, *export(workspace, "log", "--now", now))
        by_time = (workspace.parent / "out.csv").read_bytes()
        say(operator, *export(workspace, "log", "--run", f"{now}.1"))
        assert (workspace.parent / "out.csv").read_bytes() == by_time


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b"\xff\xfe"], ids=["cut", "list", "empty", "binary"])
def test_a_damaged_manifest_is_named(workspace: Path, content: bytes) -> None:
    file = workspace / "runs" / RUN / "manifest.json"
    file.write_bytes(content)
    for command in (("verify", RUN), ("report", RUN), export(workspace, "log", "--run", RUN)):
        assert refused(*command, "--workspace", workspace).startswith(f"{file} is damaged: ")


@pytest.mark.parametrize("command", [("export", "--what", "log", "--run", RUN), ("report", RUN), ("backup",)])
def test_a_file_to_write_needs_a_folder_and_must_not_be_one(
    workspace: Path, command: Sequence[str], tmp_path: Path
) -> None:
    (tmp_path / "out.csv").mkdir()
    to = (*command, "--workspace", workspace, "--out")
    assert f"got the folder {tmp_path / 'out.csv'}; add a file's name" in refused(*to, tmp_path / "out.csv")
    assert f"there is no folder {tmp_path / 'nodir'}; make it" in refused(*to, tmp_path / "nodir" / "o.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "workspace"]


_NO_RUNS = [
    "../../runs/" + RUN,
    f"{RUN}/../{RUN}",
    "/etc/passwd",
    "..",
    "",
    "x" * 300,
    "\udce9",
    "x\n",
    f"{RUN}/",
]


@pytest.mark.parametrize("command", [("verify",), ("report",), ("runs", "show"), ("runs", "rollback")])
def test_a_runs_name_leads_nowhere_else(workspace: Path, command: Sequence[str]) -> None:
    before = sorted(workspace.rglob("*"))
    for name in _NO_RUNS:
        assert refused(*command, name, "--workspace", workspace).startswith(f"There is no run {name!r}")
    assert sorted(workspace.rglob("*")) == before


def test_an_export_of_what_is_no_run_is_refused(workspace: Path) -> None:
    for name in _NO_RUNS:
        assert refused(*export(workspace, "log", "--run", name)).startswith(f"There is no run {name!r}")


@pytest.mark.parametrize(
    "content", [b"../../elsewhere", b"/etc", b"\xff\xfe", b"", b"x" * 300, b"0001/../0001", b"x\0"]
)
@pytest.mark.parametrize("pointer", ["data/current", "registry/current"])
def test_a_pointer_that_leads_elsewhere_is_refused(workspace: Path, pointer: str, content: bytes) -> None:
    (workspace / pointer).write_bytes(content)
    said = refused("nightly", "--workspace", workspace, "--as-of", NIGHT, "--jobs", 1)
    assert said.startswith((f"{workspace} has no load ", f"{workspace}/data/loads/", "No version "))


@pytest.mark.parametrize(
    "command", [("backup",), ("keys", "create", "--name", "a", "--scope", "app"), ("report", RUN)]
)
def test_a_pipe_is_not_replaced_by_a_file(workspace: Path, tmp_path: Path, command: Sequence[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = refused(*command, "--workspace", workspace, "--out", tmp_path / "pipe")
    assert said.endswith("a device, a pipe or a socket; name a file.")
    assert (tmp_path / "pipe").is_fifo()
    assert "There is no key" in say(operator, "keys", "list", "--workspace", workspace)


@pytest.mark.parametrize("customer", ["", " ", "x\0y", "\udce9"])
def test_what_is_nobodys_id_is_not_said_to_be_erased(workspace: Path, customer: str) -> None:
    assert refused("erase", "--customer", customer, "--workspace", workspace).endswith("nobody was erased.")


@pytest.mark.long
def test_a_mistyped_customer_is_not_said_to_be_erased_and_costs_no_run_its_proof(workspace: Path) -> None:
    manifest = RunFolder.of(workspace, RUN).manifest()
    said = refused("erase", "--customer", "0042-typo", "--workspace", workspace)
    assert said.startswith("Nobody is known as 0042-typo: not in the store, the data or a run, so nothing")
    assert RunFolder.of(workspace, RUN).manifest() == manifest
    assert "is reproduced" in say(operator, "verify", RUN, "--workspace", workspace)


def test_whoever_is_known_is_erased_beside_a_mistyped_one(workspace: Path) -> None:
    (known, *_) = pd.read_parquet(RunFolder.of(workspace, RUN).outcomes(0))["customer_id"]
    both = ("erase", "--customer", known, "--customer", "typo", "--workspace", workspace)
    assert refused(*both).startswith("Nobody is known as typo:")
    assert refused(*both).startswith(f"Nobody is known as {known}, typo:")


@pytest.mark.parametrize("name", ["w*", "w?", "w[1]", "caf\udce9"])
def test_a_workspace_that_could_be_taken_for_its_neighbours_is_refused(
    prepared: Path, tmp_path: Path, name: str
) -> None:
    said = refused("load", "--data", prepared.parent / "shop", "--workspace", tmp_path / name)
    assert said.startswith("Expected --workspace as a path in UTF-8 without * ? [")
    assert list(tmp_path.iterdir()) == []
