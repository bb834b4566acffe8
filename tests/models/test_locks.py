import fcntl
import os
from pathlib import Path

import pytest

from models import locks
from models.errors import Busy
from models.locks import as_worker, holding, in_use, is_in_use, only_writer


def test_a_second_writer_is_told_who_holds_the_workspace(tmp_path: Path) -> None:
    with (
        only_writer(tmp_path, "the night of 2017-12-04"),
        pytest.raises(
            Busy, match=rf"Cannot begin a load: .* held by the night of 2017-12-04 \(process {os.getpid()}"
        ),
        only_writer(tmp_path, "a load"),
    ):
        pass


def test_the_workspace_is_free_again_afterwards_and_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="broken"), only_writer(tmp_path, "a load"):
        raise RuntimeError("broken")
    with only_writer(tmp_path, "a prune"):
        assert (tmp_path / ".lock").read_text().startswith("a prune (process")


def test_a_writer_that_waits_begins_when_the_other_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = holding(tmp_path, "a load")
    first.__enter__()
    pauses: list[float] = []

    def end_of_the_other(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            first.__exit__(None, None, None)

    monkeypatch.setattr(locks.time, "sleep", end_of_the_other)
    with holding(tmp_path, "a night", wait_seconds=60):
        assert len(pauses) == 3


def test_waiting_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(locks.time, "sleep", pauses.append)
    with (
        holding(tmp_path, "a load"),
        pytest.raises(Busy, match="--wait SECONDS"),
        holding(tmp_path, "a night", wait_seconds=2),
    ):
        pass
    assert sum(pauses) == 2


def test_nobody_writes_beside_the_workers_of_a_killed_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks.time, "sleep", lambda _: None)
    with (tmp_path / ".workers").open("a") as left_over:
        fcntl.flock(left_over, fcntl.LOCK_SH)
        with pytest.raises(Busy, match="Workers of a killed night"), only_writer(tmp_path, "a night"):
            pass


def test_a_worker_whose_night_has_ended_does_nothing(tmp_path: Path) -> None:
    done: list[int] = []
    as_worker(tmp_path, os.getpid(), done.append, 1)
    with pytest.raises(Busy, match="has ended"):
        as_worker(tmp_path, 2**22 + 1, done.append, 2)
    assert done == [1]


def test_a_file_is_in_use_while_somebody_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    assert not is_in_use(file)
    file.touch()
    assert not is_in_use(file)
    with in_use(file):
        assert is_in_use(file)
    assert not is_in_use(file)
