"""Writers of an embedded store come in turn, over threads and processes."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.store.database.writer_queue import WriterQueue
from models.ground.errors import StoreBusy

_WRITE = """
import sys
from pathlib import Path
from engine.store.database.writer_queue import WriterQueue
with WriterQueue(Path(sys.argv[1])):
    with Path(sys.argv[2]).open("a") as order:
        order.write(sys.argv[3])
    print("writing", flush=True)
    sys.stdin.read()
"""


def another_process(store: Path, order: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _WRITE, str(store), str(order), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def drawn(queue: WriterQueue) -> int:
    """How many numbers were drawn until now."""
    return int.from_bytes(queue.file.read_bytes(), "big") if queue.file.exists() else 0


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until


def test_processes_and_threads_write_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    store, order = tmp_path / "store.db", tmp_path / "order"
    queue = WriterQueue(store)

    def write_again() -> None:
        with queue, order.open("a") as file:
            file.write("c")

    with queue:
        first = another_process(store, order, "a")
        wait_until(lambda: drawn(queue) == 2)
        second = another_process(store, order, "b")
        wait_until(lambda: drawn(queue) == 3)
        again = threading.Thread(target=write_again)
        again.start()
    wait_until(lambda: drawn(queue) == 4)
    first.communicate()
    second.communicate()
    again.join()
    assert order.read_text() == "abc"


def test_a_process_that_is_killed_in_its_turn_lets_the_next_one_in(tmp_path: Path) -> None:
    store, order = tmp_path / "store.db", tmp_path / "order"
    with another_process(store, order, "a") as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "writing\n"
        killed.kill()
    with WriterQueue(store):
        assert order.read_text() == "a"


def test_who_waits_too_long_is_told_so_and_lets_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, order = tmp_path / "store.db", tmp_path / "order"
    queue = WriterQueue(store)
    with another_process(store, order, "a") as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        monkeypatch.setattr("engine.store.database.writer_queue.PATIENCE_SECONDS", 0.01)
        with pytest.raises(StoreBusy, match="busy with other writers"), queue:
            pass
        holder.communicate()
    with queue:
        assert order.read_text() == "a"


def test_threads_of_one_process_write_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    queue = WriterQueue(tmp_path / "store.db")
    wrote: list[int] = []

    def write(number: int) -> None:
        with queue:
            wrote.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with queue:
        for count, thread in enumerate(threads, 1):
            thread.start()
            wait_until(lambda count=count: len(queue._threads._waiting) == count)  # type: ignore[misc]
    for thread in threads:
        thread.join()
    assert wrote == list(range(8))
