import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.domain.errors import WorkerLost
from engine.nightly.steps import _each


def number_of(_workspace: Path, _run_id: str, _request: str, bucket: int) -> int:
    return bucket * 10


def dies_once(workspace: Path, _run_id: str, _request: str, bucket: int) -> int:
    mark = workspace / f"died-{bucket}"
    if bucket == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return bucket * 10


def dies_always(_workspace: Path, _run_id: str, _request: str, bucket: int) -> int:
    if bucket == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return bucket * 10


def each(workspace: Path, step: Any, told: list[tuple[str, int, int]] | None = None) -> list[int]:
    scene: Any = SimpleNamespace(workspace=workspace, run_id="2017-12-04.1", request="{}")
    show = (lambda *_: None) if told is None else (lambda *args: told.append(args))
    return list(_each(scene, step, range(3), 2, show, "counting"))


def test_results_come_in_the_order_of_the_buckets_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    assert each(tmp_path, number_of, told) == [0, 10, 20]
    assert told == [("counting", 1, 3), ("counting", 2, 3), ("counting", 3, 3)]


def test_a_bucket_whose_worker_was_ended_is_done_again_alone(tmp_path: Path) -> None:
    assert each(tmp_path, dies_once) == [0, 10, 20]


def test_a_bucket_that_ends_every_worker_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        WorkerLost, match="worker of bucket 1 while counting, most often because memory ran out"
    ):
        each(tmp_path, dies_always)
