"""What the server does in a second of its CPU: `python -m tests.benchmarks.serving`, run by `make bench-serving`.

One worker of the production server, with its middleware, logs and key check, on one core; the client on another.
The yardstick is a bare `async def` route of the same app that returns as many bytes (`serving_app`). Bare route and
login take turns, several rounds each, and the median round counts. CPU is the server process's own, user and system,
as the kernel counts it; PostgreSQL's is not in it.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from engine.domain.access import Scope
from engine.store import open_store
from engine.store.keys import create_key
from tests.benchmarks.client import Answers, ask, request
from tests.engine.bundles import MONDAY
from tests.engine.shop import publish_shop

SERVER_CORE, CLIENT_CORE = 0, 1
PORT = 8765
CONNECTIONS = 16
_TICKS = os.sysconf("SC_CLK_TCK")


class Round(NamedTuple):
    """One stretch of one kind of request."""

    a_cpu_second: float  # answers in a second of the server's CPU
    a_second: float
    p99_ms: float
    p50_ms: float


def main() -> None:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch:
        workspace = Path(scratch)
        url = f"sqlite:///{workspace / 'store.db'}"
        secret = prepare(url, arguments.customers)
        with server(workspace, url) as pid:
            compare(pid, secret, arguments.customers, seconds=arguments.seconds, rounds=arguments.rounds)


def prepare(url: str, customers: int) -> str:
    """Fill a store with a night for so many customers; returns the secret of a key that may do everything."""
    store = open_store(url)
    try:
        publish_shop(store, (str(number) for number in range(customers)))
        return create_key(store, "bench", frozenset(Scope), now=datetime.now(UTC), expires_at=None)[1]
    finally:
        store.close()


def compare(pid: int, secret: str, customers: int, *, seconds: float, rounds: int) -> None:
    """Bare route and login in turns; prints both and their ratios."""
    draw = random.Random(1)  # noqa: S311 - which customer asks is no secret
    logins = [
        request("GET", f"/v1/customers/{draw.randrange(customers)}/offers", secret) for _ in range(100_000)
    ]
    bare = request("GET", "/bare")
    measured: dict[str, list[Round]] = {"bare": [], "login": []}
    for kind, requests in (("bare", _again([bare])), ("login", _again(logins))):
        measure(pid, requests, seconds=1)  # caches, connections, compiled statements
        del kind
    for _ in range(rounds):
        measured["bare"].append(measure(pid, _again([bare]), seconds=seconds))
        measured["login"].append(measure(pid, _again(logins), seconds=seconds))
    medians = {kind: _median(runs) for kind, runs in measured.items()}
    for kind, median in medians.items():
        print(
            f"{kind:6} {median.a_cpu_second:8,.0f} a CPU second  {median.a_second:8,.0f} a second  p50 {median.p50_ms:.2f} ms  p99 {median.p99_ms:.2f} ms"
        )
    print(
        f"login / bare: {medians['login'].a_cpu_second / medians['bare'].a_cpu_second:.3f} of the requests, "
        f"p99 {medians['login'].p99_ms / medians['bare'].p99_ms:.2f} times"
    )


def measure(pid: int, requests: Iterator[bytes], *, seconds: float) -> Round:
    """Ask for some seconds; fails loudly if anything but a success came back."""
    cpu, started = _cpu_seconds(pid), time.perf_counter()
    answers: Answers = ask(PORT, requests, seconds=seconds, connections=CONNECTIONS)
    elapsed, used = time.perf_counter() - started, _cpu_seconds(pid) - cpu
    if answers.failed:
        raise SystemExit(f"{answers.failed} requests failed: {answers.statuses}, {answers.lost} lost")
    count = len(answers.seconds)
    return Round(count / used, count / elapsed, answers.percentile(0.99), answers.percentile(0.5))


@contextmanager
def server(workspace: Path, url: str) -> Iterator[int]:
    """One worker of the production server on its own core, logging into a file; yields its process id."""
    environment = {
        **os.environ,
        "ABONEMENT_WORKSPACE": str(workspace),
        "ABONEMENT_STORE_URL": url,
        "ABONEMENT_CLOCK": f"fixed:{(MONDAY + timedelta(hours=9)).isoformat()}",
        "ABONEMENT_RATE_LIMIT": "1000000/second",
    }
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "tests.benchmarks.serving_app:app",
        "--port",
        str(PORT),
        "--no-access-log",
    ]
    with (workspace / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            os.sched_setaffinity(process.pid, {SERVER_CORE})
            _wait_until_live(process)
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def _wait_until_live(process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        try:
            if ask(PORT, iter([request("GET", "/health/live")]), seconds=1, connections=1).statuses.get(200):
                return
        except OSError:
            pass
        if process.poll() is not None:
            raise SystemExit("The server ended before it answered.")
        time.sleep(0.1)
    raise SystemExit("The server did not answer within 20 seconds.")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _again(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def _median(rounds: list[Round]) -> Round:
    return Round(*(statistics.median(values) for values in zip(*rounds, strict=True)))


if __name__ == "__main__":
    main()
