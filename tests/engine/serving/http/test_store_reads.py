import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from engine.serving.http.store_reads import StoreReads
from models.ground.errors import StoreBusy, StoreUnreachable


@pytest.fixture
def reads() -> StoreReads:
    return StoreReads(embedded=False, threads=2)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """A read that is not answered before the test ends."""
    monkeypatch.setattr("engine.serving.http.store_reads._LONGEST_SECONDS", 0.01)
    ended = threading.Event()

    def read() -> str:
        ended.wait()
        return "too late"

    yield read
    ended.set()


def answered(reads: StoreReads, read: Callable[[], str]) -> str:
    return asyncio.run(reads.answered(read))


def never() -> str:
    raise AssertionError("nobody may be asked")


def locked() -> str:
    raise StoreBusy("The store is busy.")


def test_a_read_happens_beside_the_event_loop(reads: StoreReads) -> None:
    assert answered(reads, lambda: threading.current_thread().name).startswith("store-read")


def test_a_read_of_a_file_happens_in_place() -> None:
    reads = StoreReads(embedded=True, threads=2)
    assert answered(reads, lambda: threading.current_thread().name) == threading.current_thread().name


def test_after_a_read_that_waited_in_vain_the_next_ones_are_refused_unasked(
    reads: StoreReads, held: Callable[[], str]
) -> None:
    with pytest.raises(StoreUnreachable, match="did not answer in time"):
        answered(reads, held)
    with pytest.raises(StoreUnreachable, match="did not answer in time"):
        answered(reads, never)


def test_a_moment_later_one_read_tries_for_all(
    reads: StoreReads, held: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.serving.http.store_reads._TRY_AGAIN_SECONDS", 0.0)
    with pytest.raises(StoreUnreachable):
        answered(reads, held)
    assert answered(reads, lambda: "here") == "here"


@pytest.mark.parametrize("embedded", [True, False])
def test_a_store_that_is_busy_has_not_answered(*, embedded: bool) -> None:
    with pytest.raises(StoreUnreachable, match="busy"):
        answered(StoreReads(embedded=embedded, threads=1), locked)
