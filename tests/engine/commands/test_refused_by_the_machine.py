"""Disk full, folders in the way, a store that does not answer: one sentence, the right exit code, nothing published."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.journeys.workspaces import served, stored, tree
from tests.journeys.zygote import Zygote, zygote_in
from tests.shop import write_shop

NIGHT = "2017-12-04"
CUSTOMERS = [f"c{number:03d}" for number in range(24)]


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with zygote_in(tmp_path_factory.mktemp("zygote")) as started:
        yield started


@pytest.fixture(scope="module")
def prepared(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one published night, and in `shop` beside it what it was made from."""
    folder = tmp_path_factory.mktemp("machine")
    workspace = folder / "workspace"
    write_shop(folder / "shop", customers=24, products=24, days=68, seed=5, last_day=date(2017, 12, 3))
    where = ["--workspace", str(workspace)]
    zygote.must(["abonement", "load", "--data", str(folder / "shop"), "--buckets", "3", *where])
    zygote.must(["abonement-train", "fit", "--as-of", NIGHT, "--jobs", "1", *where])
    zygote.must(_night(workspace))
    return workspace


@pytest.fixture
def workspace(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared.parent / "shop", tmp_path / "shop")
    return Path(shutil.copytree(prepared, tmp_path / "workspace"))


def _night(workspace: Path) -> list[str]:
    return ["abonement", "nightly", "--as-of", NIGHT, "--jobs", "1", "--workspace", str(workspace)]


def _is_refused(ended: tuple[int, str], code: int = 73) -> None:
    assert ended[0] == code, ended[1]
    assert ended[1].count("\n") == 1, ended[1]


@pytest.mark.parametrize(
    "largest_file",
    [400, pytest.param(3_000, marks=pytest.mark.long), pytest.param(40_000, marks=pytest.mark.long)],
)
def test_a_night_on_a_full_disk_leaves_the_former_one_served_and_can_be_repeated(
    zygote: Zygote, workspace: Path, prepared: Path, largest_file: int
) -> None:
    before = served(workspace, CUSTOMERS)
    _is_refused(zygote.run(_night(workspace), largest_file=largest_file))
    assert served(workspace, CUSTOMERS) == before
    assert [run[:2] for run in stored(workspace) if run[1] != "staged"] == [(f"{NIGHT}.1", "published")]
    zygote.must(_night(workspace))
    assert [run[:2] for run in stored(workspace)] == [
        (f"{NIGHT}.1", "superseded"),
        (f"{NIGHT}.2", "published"),
    ]
    kept, was = (tree(where / "runs" / f"{NIGHT}.1") for where in (workspace, prepared))
    # nobody is served by it any more but who had touched their bundle, and they are named
    assert kept.pop("kept.parquet")
    assert kept | {"served": was["served"]} == was


def test_a_load_on_a_full_disk_leaves_the_former_one_in_use(zygote: Zygote, workspace: Path) -> None:
    before = tree(workspace / "data")
    shop = str(workspace.parent / "shop")
    command = ["abonement", "load", "--data", shop, "--workspace", str(workspace)]
    _is_refused(zygote.run(command, largest_file=2_000))
    assert tree(workspace / "data") == before


def test_a_fit_on_a_full_disk_leaves_the_registry_as_it_was(zygote: Zygote, workspace: Path) -> None:
    before = tree(workspace / "registry")
    command = [
        "abonement-train",
        "fit",
        "--workspace",
        str(workspace),
        "--as-of",
        "2017-12-03",
        "--jobs",
        "1",
    ]
    _is_refused(zygote.run(command, largest_file=400))
    assert tree(workspace / "registry") == before


def test_a_backup_on_a_full_disk_leaves_no_half_file(zygote: Zygote, workspace: Path) -> None:
    out = workspace.parent / "copies" / "store.db"
    out.parent.mkdir()
    command = ["abonement", "backup", "--workspace", str(workspace), "--out", str(out)]
    _is_refused(zygote.run(command, largest_file=9_000))
    assert list(out.parent.iterdir()) == []


def test_a_restore_on_a_full_disk_leaves_the_store_as_it_was(zygote: Zygote, workspace: Path) -> None:
    out = str(workspace.parent / "store.db")
    zygote.must(["abonement", "backup", "--workspace", str(workspace), "--out", out])
    before = stored(workspace)
    command = ["abonement", "restore", out, "--workspace", str(workspace)]
    _is_refused(zygote.run(command, largest_file=9_000))
    assert stored(workspace) == before


def test_a_file_in_place_of_a_folder_cannot_be_written(zygote: Zygote, workspace: Path) -> None:
    before = served(workspace, CUSTOMERS)
    (workspace / "runs").rename(workspace / "elsewhere")
    (workspace / "runs").write_text("not a folder")
    _is_refused(zygote.run(_night(workspace)))
    assert served(workspace, CUSTOMERS) == before


def test_a_store_that_does_not_answer_ends_the_night_before_it_begins(
    zygote: Zygote, workspace: Path
) -> None:
    before = tree(workspace / "runs")
    nobody = "postgresql://postgres@127.0.0.1:9/abonement"  # the discard port, where no database listens
    _is_refused(zygote.run([*_night(workspace), "--store", nobody]), 69)
    assert tree(workspace / "runs") == before


def test_a_store_file_that_is_not_there_any_more_is_missed_before_the_night_begins(
    zygote: Zygote, workspace: Path
) -> None:
    before = tree(workspace / "runs")
    _is_refused(zygote.run([*_night(workspace), "--store", "sqlite:////nowhere/at/all/store.db"]), 2)
    assert tree(workspace / "runs") == before
