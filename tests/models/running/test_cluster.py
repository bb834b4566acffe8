import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.ground.errors import Busy, WorkerLost
from models.ground.locks import Fence, only_writer
from models.ground.progress import silent
from models.running.cluster import do_task, map_buckets
from models.running.terminal import run_command

ROOT = Path(__file__).parents[3]
# Does a pickled call in a process of a process.
WORKER = "import pickle, sys; call, *given = pickle.loads(bytes.fromhex(sys.argv[1])); call(*given)"
IN_BETWEEN = (
    "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', *sys.argv[1:]]).returncode)"
)
DRIVER = """
import sys
from pathlib import Path
from models.ground.locks import only_writer
with only_writer(Path(sys.argv[1]), "the night of 2017-12-04") as fence:
    print(fence.token, flush=True)
    sys.stdin.read()
"""


def ten_times(_folder: Path, bucket: int) -> int:
    return bucket * 10


def leave_a_mark(folder: Path, bucket: int) -> int:
    (folder / f"mark-{bucket}").touch()
    return bucket * 10


def dies_once(folder: Path, bucket: int) -> int:
    mark = folder / f"died-{bucket}"
    if bucket == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return bucket * 10


def dies_always(_folder: Path, bucket: int) -> int:
    if bucket == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return bucket * 10


def each(
    folder: Path,
    step: Any,
    *,
    jobs: int = 2,
    told: list[tuple[str, int, int]] | None = None,
    fence: Fence | None = None,
) -> list[int]:
    show = silent if told is None else (lambda *args: told.append(args))
    tasks = [(folder, bucket) for bucket in range(3)]
    return list(map_buckets(step, tasks, jobs=jobs, what="counting", progress=show, fence=fence))


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks_and_progress_is_told(tmp_path: Path, jobs: int) -> None:
    told: list[tuple[str, int, int]] = []
    assert each(tmp_path, ten_times, jobs=jobs, told=told) == [0, 10, 20]
    assert told == [("counting", 0, 3), ("counting", 1, 3), ("counting", 2, 3), ("counting", 3, 3)]


def test_a_stage_is_told_of_before_its_work_begins() -> None:
    told: list[tuple[str, int, int]] = []
    begun = map_buckets(int, [("one",)], jobs=1, what="counting", progress=lambda *at: told.append(at))
    with pytest.raises(ValueError, match="invalid literal"):
        next(begun)
    assert told == [("counting", 0, 1)]


def test_a_task_whose_worker_was_ended_is_done_again_alone(tmp_path: Path) -> None:
    assert each(tmp_path, dies_once) == [0, 10, 20]


def test_a_task_that_ends_every_worker_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        WorkerLost,
        match="worker of bucket 2 of 3 while counting, also when it was alone, most often because memory",
    ):
        each(tmp_path, dies_always)


def test_a_command_that_loses_a_worker_says_so_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="75"):
        run_command(lambda: each(tmp_path, dies_always))
    assert capsys.readouterr().err.startswith("The system ended the worker of bucket 2 of 3 while counting")


@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_write_within_their_writers_fence(tmp_path: Path, jobs: int) -> None:
    with only_writer(tmp_path, "a night") as fence:
        assert each(tmp_path, leave_a_mark, jobs=jobs, fence=fence) == [0, 10, 20]
    assert marks(tmp_path) == ["mark-0", "mark-1", "mark-2"]


def test_a_worker_need_not_be_a_child_of_the_writer(tmp_path: Path) -> None:
    with only_writer(tmp_path, "a night") as fence:
        assert in_a_grandchild(do_task, leave_a_mark, (tmp_path, 7), fence) == ""
    assert marks(tmp_path) == ["mark-7"]


@pytest.mark.parametrize("next_one", ["the night of 2017-12-05", "a load", "a prune"])
def test_a_left_over_task_does_nothing_once_another_writer_has_begun(tmp_path: Path, next_one: str) -> None:
    killed = fence_of_a_killed_driver(tmp_path)
    with only_writer(tmp_path, next_one):
        said = in_a_grandchild(do_task, leave_a_mark, (tmp_path, 7), killed)
    assert "Busy: The command that this worker belongs to has ended" in said
    assert marks(tmp_path) == []


def test_a_left_over_task_does_nothing_after_the_next_writer_either(tmp_path: Path) -> None:
    killed = fence_of_a_killed_driver(tmp_path)
    with only_writer(tmp_path, "a load"):
        pass
    with pytest.raises(Busy, match="left to the next start"):
        do_task(leave_a_mark, (tmp_path, 7), killed)
    assert marks(tmp_path) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_is_done_once_the_writer_has_ended(tmp_path: Path, jobs: int) -> None:
    with only_writer(tmp_path, "a night") as fence:
        pass
    with pytest.raises(Busy, match="has ended"):
        each(tmp_path, leave_a_mark, jobs=jobs, fence=fence)
    assert marks(tmp_path) == []


def test_a_left_over_task_does_not_bring_a_removed_workspace_back(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        do_task(leave_a_mark, (tmp_path, 7), Fence(tmp_path / "scratch", "0" * 32))
    assert list(tmp_path.iterdir()) == []


def marks(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("mark-*"))


def in_a_grandchild(*call: object) -> str:
    """Do a call in a process of a process; what it said at its end."""
    done = subprocess.run(
        [sys.executable, "-c", IN_BETWEEN, WORKER, pickle.dumps(call).hex()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def fence_of_a_killed_driver(workspace: Path) -> Fence:
    """What the workers of a night hold whose driver was killed while they had tasks in their queue."""
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(workspace)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as driver:
        assert driver.stdout is not None
        token = driver.stdout.readline().strip()
        driver.kill()
    return Fence(workspace, token)
