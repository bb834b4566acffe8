import fcntl
import os
from pathlib import Path

import pytest

from models.ground import locks
from models.ground.errors import Busy
from models.ground.locks import Fence, holding, in_use, is_in_use, only_writer


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


def test_a_worker_with_an_old_token_is_kept_out_once_another_writer_has_begun(tmp_path: Path) -> None:
    with only_writer(tmp_path, "a night") as night:
        old = night
        with night.inside():
            pass
    with only_writer(tmp_path, "another night") as another:
        with pytest.raises(Busy, match="has ended"), old.inside():
            pass
        with another.inside():
            pass


def test_a_writer_that_waits_for_left_over_workers_lets_them_begin_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".workers").write_text("the killed night's")
    killed = Fence(tmp_path, "the killed night's")
    step = killed.inside()
    step.__enter__()
    refused: list[str] = []

    def end_of_the_step(_: float) -> None:
        step.__exit__(None, None, None)
        with pytest.raises(Busy) as said, killed.inside():
            pass
        refused.append(str(said.value))

    monkeypatch.setattr(locks.time, "sleep", end_of_the_step)
    with only_writer(tmp_path, "a night"):
        assert len(refused) == 1


def test_a_file_is_in_use_while_somebody_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    assert not is_in_use(file)
    file.touch()
    assert not is_in_use(file)
    with in_use(file):
        assert is_in_use(file)
    assert not is_in_use(file)
