"""Kill a load, a fit, a promotion, a night or its publication: the served run is whole, the next start completes.

The workspace under test serves a night of which some offers were redeemed. Then the shop loads a longer history, fits
and promotes a model and repeats the night. One of these commands is killed at one of its operations. Whatever that
was, every customer sees all of the former run or all of the new one, and starting the command again gives what it
would have given without the kill.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from engine.settings import store_url_in
from engine.store import open_store
from tests.engine.touching import Touch, touch
from tests.journeys.workspaces import NOON, runs, served, stored, tree
from tests.journeys.zygote import ROOT, Zygote, zygote_in
from tests.shop import write_shop

pytestmark = pytest.mark.long

NIGHT = "2017-12-04"
FIRST, SECOND, THIRD = (f"{NIGHT}.{attempt}" for attempt in (1, 2, 3))
CUSTOMERS = [f"c{number:03d}" for number in range(24)]
STAGES = ("load", "fit", "promote", "night", "publish")
KILLED = -9


@dataclass
class Journey:
    """The undisturbed way: the workspace before each command and after the last, and each command's operations."""

    zygote: Zygote
    folder: Path
    version: str
    operations: dict[str, list[str]]

    def command(self, stage: str, workspace: Path) -> list[str]:
        where = ["--workspace", str(workspace)]
        match stage:
            case "load":
                return ["abonement", "load", "--data", str(self.folder / "longer"), "--buckets", "3", *where]
            case "fit":
                return ["abonement-train", "fit", "--as-of", NIGHT, "--jobs", "1", *where]
            case "promote":
                return ["abonement-train", "promote", self.version, *where]
            case _:
                return ["abonement", "nightly", "--as-of", NIGHT, "--jobs", "1", *where]

    def before(self, stage: str) -> Path:
        return self.folder / f"before_{'night' if stage == 'publish' else stage}"

    def after(self, stage: str) -> Path:
        following = {"load": "fit", "fit": "promote", "promote": "night", "night": "end", "publish": "end"}
        return self.folder / f"before_{following[stage]}"

    def points(self, stage: str) -> tuple[int, int]:
        """First and last operation of a stage; a night's publication begins where it registers its run."""
        done = self.operations["night" if stage == "publish" else stage]
        if stage not in {"night", "publish"}:
            return 0, len(done) - 1
        begun = next(place for place, what in enumerate(done) if "INSERT INTO runs" in what)
        return (0, begun - 1) if stage == "night" else (begun, len(done) - 1)


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with zygote_in(tmp_path_factory.mktemp("zygote")) as started:
        yield started


@pytest.fixture(scope="module")
def journey(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    folder = tmp_path_factory.mktemp("journey")
    longer, shorter = folder / "longer", folder / "shorter"
    write_shop(longer, customers=24, products=24, days=68, seed=5, last_day=date(2017, 12, 3))
    shutil.copytree(longer, shorter)
    lines = pd.read_parquet(longer / "purchases.parquet")
    lines[lines["purchased_at"] >= "2017-10-08"].to_parquet(shorter / "purchases.parquet", index=False)

    made = Journey(zygote, folder, "", {})
    workspace = made.before("load")
    where = ["--workspace", str(workspace)]
    zygote.must(["abonement", "load", "--data", str(shorter), "--buckets", "3", *where])
    zygote.must(made.command("fit", workspace))
    zygote.must(made.command("night", workspace))
    _redeem_some(workspace)
    for stage in ("load", "fit", "promote", "night"):
        after, log = made.after(stage), folder / f"{stage}.log"
        shutil.copytree(made.before(stage), after)
        said = zygote.must(made.command(stage, after), log=str(log))
        made.operations[stage] = log.read_text(encoding="utf-8").splitlines()
        if stage == "fit":
            made.version = said.split("Published ")[1].split(";")[0]
    shutil.copytree(made.after("night"), folder / "third")
    zygote.must(made.command("night", folder / "third"))
    return made


def test_the_journey_has_customers_of_both_attempts(journey: Journey) -> None:
    former, new = (served(journey.before(stage), CUSTOMERS) for stage in ("load", "end"))
    kept = [customer for customer in CUSTOMERS if former[customer] == new[customer]]
    assert 3 <= len(kept) < len([body for body in former.values() if body])
    assert runs(journey.before("end")) == {FIRST: "superseded", SECOND: "published"}


@pytest.mark.parametrize("seed", range(12))
def test_a_kill_leaves_one_whole_run_and_the_next_start_completes(
    journey: Journey, tmp_path: Path, seed: int
) -> None:
    _kill_and_start_again(journey, tmp_path, seed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(12, 212))
def test_two_hundred_kills(journey: Journey, tmp_path: Path, seed: int) -> None:
    _kill_and_start_again(journey, tmp_path, seed)


@pytest.mark.prove
@pytest.mark.parametrize("whom", ["the night and its workers", "the night alone"])
@pytest.mark.parametrize("seed", range(5))
def test_kills_of_a_night_with_workers_at_any_moment(
    journey: Journey, tmp_path: Path, whom: str, seed: int
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(journey.before("night"), workspace)
    start = [sys.executable, "-c", "from engine.cli import main; main()"]
    night = ["nightly", "--as-of", NIGHT, "--jobs", "2", "--workspace", str(workspace)]
    with subprocess.Popen(
        [*start, *night], cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL
    ) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(random.Random(f"wait {seed}").uniform(1.5, 6.5))  # noqa: S311 - the moment
        if whom == "the night alone":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    published = runs(workspace).get(SECOND) == "published"
    reference = journey.after("night") if published else journey.before("night")
    assert served(workspace, CUSTOMERS) == served(reference, CUSTOMERS)
    journey.zygote.must(journey.command("night", workspace))
    _is_as_in(journey.folder / "third" if published else journey.after("night"), workspace)


def test_nothing_takes_its_place_before_it_is_flushed(journey: Journey) -> None:
    for stage, done in journey.operations.items():
        flushed: set[str] = set()
        for what in done:
            moment, operation, *names = what.split(" ")
            if moment == "after" and operation == "fsync":
                flushed.add(names[0])
            if moment == "before" and operation in {"replace", "rename"} and ".gone-" not in names[1]:
                assert names[0] in flushed or "gone-" in names[1], f"{stage}: {what}"


def _kill_and_start_again(journey: Journey, tmp_path: Path, seed: int) -> None:
    stage = STAGES[seed % len(STAGES)]
    kill_at = random.Random(f"kill {seed}").randint(*journey.points(stage))  # noqa: S311 - which operation
    workspace = tmp_path / "workspace"
    shutil.copytree(journey.before(stage), workspace)
    command = journey.command(stage, workspace)
    code, said = journey.zygote.run(command, kill_at=kill_at)
    assert code == KILLED, said

    published = runs(workspace).get(SECOND) == "published"
    seen = served(workspace, CUSTOMERS)
    assert seen == served(journey.after(stage) if published else journey.before("load"), CUSTOMERS)
    finished = len(list((workspace / "runs" / SECOND / "plan").glob("bucket=*[0-9]")))
    said = journey.zygote.must(command)

    if published:
        _is_as_in(journey.folder / "third", workspace)
    elif stage == "load":
        assert _load(workspace) == _load(journey.after("load"))
        assert [path for path in (workspace / "data").rglob(".*") if path.name != ".lock"] == []
    else:
        _is_as_in(journey.after(stage), workspace)
        assert (f"{finished} of 3 buckets" in said) == (finished > 0), said


def _is_as_in(reference: Path, workspace: Path) -> None:
    for part in ("data", "runs", "registry/versions"):
        assert tree(workspace / part) == tree(reference / part)
    current = "registry/current"
    assert (workspace / current).read_text() == (reference / current).read_text()
    assert stored(workspace) == stored(reference)
    assert served(workspace, CUSTOMERS) == served(reference, CUSTOMERS)


def _load(workspace: Path) -> tuple[dict[str, str], int]:
    """The files of the load in use, and how many loads there are."""
    loads = workspace / "data" / "loads"
    current = (workspace / "data" / "current").read_text(encoding="utf-8").strip()
    return tree(loads / current), len(list(loads.iterdir()))


def _redeem_some(workspace: Path) -> None:
    store = open_store(store_url_in(workspace))
    for body in [body for body in served(workspace, CUSTOMERS).values() if body][:4]:
        view = json.loads(body)
        assert touch(store, view["customer_id"], view["offers"][1]["id"], Touch.REDEEM, NOON)
    store.close()
