"""A PostgreSQL that stands still, is locked or dies: the server answers all the same, at once or within its deadline."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import psycopg
import pytest

from engine.domain.access_keys import Scope
from engine.store import open_store
from tests.engine.bundles import a_night
from tests.engine.databases import Databases
from tests.engine.serving.conftest import Browser, Serve, a_key

ANNA, ZOE = "/v1/customers/anna/offers", "/v1/customers/zoe/offers"
STALE = "abonement; hit; detail=store_unreachable"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A server for this file alone, which stops and kills it."""
    made = Databases(tmp_path_factory.mktemp("hung"))
    yield made
    made.stop()


@pytest.fixture
def url(own_server: Databases) -> Iterator[str]:
    with own_server.fresh("postgresql") as url:
        yield url


@pytest.fixture
def browser(serve: Serve, url: str) -> Browser:
    """A server that has shown anna some offers, and zoe none yet."""
    store = open_store(url)
    a_night(store, ["anna", "zoe"])
    store.close()
    # These tests ask as fast as they can until the store is back.
    browser = serve(store_url=url, rate_limit="1000000/second")
    assert browser.get(ANNA).status_code == 200
    return browser


def at_once(browser: Browser, *paths: str) -> list[httpx.Response]:
    """Ask for all paths in one event loop; the answers in the order in which they came."""
    came: list[httpx.Response] = []

    async def one(client: httpx.AsyncClient, path: str) -> None:
        came.append(await client.get(path, headers={"authorization": f"Bearer {browser.secret}"}))

    async def all_of_them() -> None:
        transport = httpx.ASGITransport(browser.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            await asyncio.gather(*(one(client, path) for path in paths))

    asyncio.run(all_of_them())
    return came


def the_last_known(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.headers.get("cache-status"), answer.headers.get("age")) == (
        200,
        STALE,
        "32400",
    )


def away(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.headers.get("retry-after")) == (503, "5")


def answered_again(browser: Browser, path: str) -> httpx.Response:
    """The first answer from the store itself after it came back."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer = browser.get(path)
        assert answer.status_code in {200, 503}
        if answer.status_code == 200 and "cache-status" not in answer.headers:
            return answer
    raise AssertionError("the server did not find its store again")


def test_while_postgresql_stands_still_live_answers_first_and_logins_after_a_deadline(
    browser: Browser, own_server: Databases
) -> None:
    with own_server.frozen():
        live, *others = at_once(browser, ANNA, ZOE, "/health/ready", "/health/live")
        assert live.json() == {"status": "live"}
        assert sorted(answer.status_code for answer in others) == [200, 503, 503]
        assert all(the_last_known(answer) or away(answer) for answer in others)
    assert len(answered_again(browser, ZOE).json()["offers"]) == 5


def test_a_postgresql_that_stands_still_ties_up_no_more_threads_than_were_set_aside(
    browser: Browser, own_server: Databases
) -> None:
    with own_server.frozen():
        answers = at_once(browser, *[ANNA] * 200, *[ZOE] * 200)
        reading = [one for one in threading.enumerate() if one.name.startswith("store-read")]
    assert [sum(map(the_last_known, answers)), sum(map(away, answers))] == [200, 200]
    assert len(reading) <= 5


def test_a_table_that_another_connection_locks_holds_no_login(browser: Browser, url: str) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE views IN ACCESS EXCLUSIVE MODE")
        live, *logins = at_once(browser, ANNA, ZOE, "/health/live")
        assert live.json() == {"status": "live"}
        assert all(the_last_known(answer) or away(answer) for answer in logins)
    assert len(answered_again(browser, ZOE).json()["offers"]) == 5


def lock_waits(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as watcher:
        found = watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return int((found.fetchone() or (0,))[0])


def wait_for_lock_waits(url: str, count: int) -> None:
    until = time.monotonic() + 20
    while lock_waits(url) != count:
        assert time.monotonic() < until


def test_a_read_that_was_given_up_leaves_nobody_waiting_in_the_database(browser: Browser, url: str) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE views IN ACCESS EXCLUSIVE MODE")
        assert the_last_known(browser.get(ANNA))
        wait_for_lock_waits(url, 0)


def test_a_key_that_nobody_can_look_up_is_503_and_not_a_hang(browser: Browser, url: str) -> None:
    with psycopg.connect(url) as holder:
        key = a_key(url, [Scope.APP])
        holder.execute("LOCK TABLE access_keys IN ACCESS EXCLUSIVE MODE")
        live, login = at_once(browser.with_secret(key), ANNA, "/health/live")
        assert live.json() == {"status": "live"}
        assert away(login)
        assert browser.get(ANNA).status_code == 200


def test_a_server_killed_and_started_again_is_never_an_error_of_ours(
    browser: Browser, own_server: Databases
) -> None:
    own_server.crash()
    answers = [browser.get(path) for path in (ANNA, ZOE, ANNA, ZOE)]
    own_server.start_again()
    assert all(the_last_known(answer) or away(answer) for answer in answers)
    assert len(answered_again(browser, ZOE).json()["offers"]) == 5


@pytest.mark.parametrize("killed", ["the whole server", "one process, for which all others end"])
def test_what_was_under_way_when_the_server_was_killed_is_no_error_of_ours(
    browser: Browser, own_server: Databases, url: str, killed: str
) -> None:
    holder = psycopg.connect(url)
    holder.execute("LOCK TABLE runs, events IN ACCESS EXCLUSIVE MODE")
    told = {"id": "a", "kind": "shown", "customer_id": "zoe", "at": "2017-12-04T08:59:30Z"}
    with ThreadPoolExecutor(3) as requests:
        asked = [
            requests.submit(browser.ask, "POST", "/v1/events", {"events": [told]}),
            requests.submit(browser.get, "/v1/runs"),
            requests.submit(browser.get, ZOE),
        ]
        wait_for_lock_waits(url, 3)
        if killed == "the whole server":
            own_server.crash()
        else:
            psutil.Process(holder.info.backend_pid).kill()
        answers = [one.result() for one in asked]
    holder.close()
    own_server.start_again()
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    answered_again(browser, ZOE)
    assert browser.ask("POST", "/v1/events", {"events": [told]}).json()["accepted"] == 1
