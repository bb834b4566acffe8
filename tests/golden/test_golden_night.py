from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from engine.nightly.folder.run_folder import RunFolder
from tests.golden.night import GOLDEN, as_text, run_night


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    with threadpool_limits(limits=1, user_api="blas"):
        return run_night(tmp_path_factory.mktemp("golden"))


def test_the_golden_night_has_not_changed(night: RunFolder) -> None:
    assert as_text(night) == GOLDEN.read_text(encoding="utf-8"), (
        "look at the difference; if it is meant, run `python -m tests.golden`"
    )


@pytest.mark.long
def test_two_workers_make_the_same_night_byte_for_byte(night: RunFolder, tmp_path: Path) -> None:
    alone, together = night.digests(), run_night(tmp_path, jobs=2).digests()
    slots = {name for name in alone if name.startswith(("slots/", "outcomes/"))}
    assert len(slots) == 4
    assert {name: alone[name] for name in slots} == {name: together[name] for name in slots}


@pytest.mark.long
def test_a_machine_with_more_threads_makes_the_same_fit_and_night(night: RunFolder, tmp_path: Path) -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        together = run_night(tmp_path)
    assert night.manifest()["model"] == together.manifest()["model"]
    ours, theirs = night.digests(), together.digests()
    slots = {name for name in ours if name.startswith(("slots/", "outcomes/"))}
    assert {name: ours[name] for name in slots} == {name: theirs[name] for name in slots}
