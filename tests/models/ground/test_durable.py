import os
from pathlib import Path

import pytest

from models.ground.durable import discard, move_into_place, remove, sweep, write_text, write_whole
from models.ground.errors import CannotWrite


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_replaces_the_one_that_stood_there(tmp_path: Path) -> None:
    write_text(tmp_path / "current", "1\n")
    write_text(tmp_path / "current", "2\n")
    assert (tmp_path / "current").read_text() == "2\n"
    assert names(tmp_path) == ["current"]


def test_a_write_that_fails_leaves_the_former_file_and_no_litter(tmp_path: Path) -> None:
    def half(incoming: Path) -> None:
        incoming.write_text("ha")
        raise OSError(28, "No space left on device")

    write_text(tmp_path / "plan", "whole")
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "plan", half)
    assert (tmp_path / "plan").read_text() == "whole"
    assert names(tmp_path) == ["plan"]


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    for content in ("old", "new"):
        (tmp_path / "incoming").mkdir()
        (tmp_path / "incoming" / "file").write_text(content)
        move_into_place(tmp_path / "incoming", tmp_path / "plan")
    assert (tmp_path / "plan" / "file").read_text() == "new"
    assert names(tmp_path) == ["plan"]


def test_what_is_discarded_loses_its_name_before_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "plan" / "file", "x")
    monkeypatch.setattr("shutil.rmtree", lambda _: None)  # killed here
    discard(tmp_path / "plan")
    assert not (tmp_path / "plan").exists()
    monkeypatch.undo()
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_nothing_to_discard_is_no_error(tmp_path: Path) -> None:
    discard(tmp_path / "nowhere" / "plan")
    remove(tmp_path / "plan")
    assert names(tmp_path) == []


def test_a_sweep_removes_what_killed_processes_left_and_nothing_else(tmp_path: Path) -> None:
    write_text(tmp_path / "slots" / "bucket=0000.parquet", "kept")
    (tmp_path / "slots" / ".bucket=0001.parquet.incoming-77").write_text("half")
    (tmp_path / ".plan.gone-78").mkdir()
    sweep(tmp_path, inside=False)
    assert names(tmp_path / "slots") == [".bucket=0001.parquet.incoming-77", "bucket=0000.parquet"]
    sweep(tmp_path)
    assert names(tmp_path) == ["slots"]
    assert names(tmp_path / "slots") == ["bucket=0000.parquet"]


def test_two_processes_do_not_write_under_one_hidden_name(tmp_path: Path) -> None:
    seen: list[Path] = []

    def write(incoming: Path) -> None:
        seen.append(incoming)
        incoming.write_text("x")

    write_whole(tmp_path / "plan", write)
    assert str(os.getpid()) in seen[0].name


def test_a_device_or_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CannotWrite, match="is a device, a pipe or a socket; name a file"):
        write_text(tmp_path / "pipe", "x")
    assert (tmp_path / "pipe").is_fifo()
    assert names(tmp_path) == ["pipe"]
