import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.day.offers_at_login import LoginOffers
from engine.domain.customer_view import render
from engine.serving.access.housekeeping import look_what_ended
from engine.serving.http.last_known import LastKnown
from engine.store import Store, open_store
from engine.store.access.customer_erasure import erase_customer
from engine.store.nights.run_records import withdraw_run
from tests.engine.bundles import MONDAY, a_night, bundle
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.touching import Touch, touch

BODY = render(bundle("anna"), as_of=MONDAY, currency="USD")  # valid for six days
SHOWN = LoginOffers(BODY, 3600)
OFFERS = "/v1/customers/anna/offers"


def test_what_was_shown_is_older_by_the_time_that_passed() -> None:
    known = LastKnown()
    known.remember("anna", SHOWN, MONDAY)
    assert known.offers("anna", MONDAY + timedelta(minutes=10)) == SHOWN._replace(age_seconds=4200)


@pytest.mark.parametrize(
    ("customer", "shown_at", "asked_at"),
    [
        ("zoe", MONDAY, MONDAY),
        ("anna", MONDAY, MONDAY + timedelta(hours=1)),
        ("anna", MONDAY + timedelta(days=6, seconds=-1), MONDAY + timedelta(days=6)),
    ],
    ids=["another customer", "an hour later", "ended meanwhile"],
)
def test_what_nobody_may_be_shown_is_not_known(customer: str, shown_at: datetime, asked_at: datetime) -> None:
    known = LastKnown()
    known.remember("anna", SHOWN, shown_at)
    assert known.offers(customer, asked_at) is None


def test_an_erased_customer_is_forgotten() -> None:
    known = LastKnown()
    known.remember("anna", SHOWN, MONDAY)
    known.forget("anna")
    assert known.offers("anna", MONDAY) is None


def test_the_customers_asked_for_longest_ago_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.serving.http.last_known._MOST_CUSTOMERS", 2)
    known = LastKnown()
    for name in ("anna", "zoe", "anna", "max"):
        known.remember(name, SHOWN, MONDAY)
    assert [known.offers(name, MONDAY) is None for name in ("anna", "zoe", "max")] == [False, True, False]


def break_store(browser: Browser, workspace: Path) -> None:
    """Take the store away from a running server."""
    browser.app.state.deployment.close()
    (workspace / "store.db").rename(workspace / "away.db")
    (workspace / "store.db").write_bytes(b"no database" * 1000)
    for suffix in ("-wal", "-shm"):
        (workspace / f"store.db{suffix}").unlink(missing_ok=True)


def test_while_the_store_is_away_customers_keep_what_they_saw(
    serve: Serve, embedded_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    before = browser.get(OFFERS)
    break_store(browser, tmp_path)
    monkeypatch.setattr("engine.serving.access.gate.REMEMBERED_SECONDS", 0.0)
    after = browser.get(OFFERS)
    assert (after.status_code, after.content, after.headers["age"]) == (200, before.content, "32400")
    assert after.headers["cache-status"] == "abonement; hit; detail=store_unreachable"
    assert "cache-status" not in before.headers


def taken_back(store: Store) -> None:
    withdraw_run(store, "2017-12-04.1", now=MONDAY)


def erased(store: Store) -> None:
    with store.writing() as connection:
        erase_customer(connection, "anna", now=MONDAY)


def nothing_ended(store: Store) -> None:
    a_night(store, ["anna"], night=date(2017, 12, 5))


@pytest.mark.parametrize(("happened", "status"), [(taken_back, 503), (erased, 503), (nothing_ended, 200)])
def test_what_another_process_took_away_does_not_come_back_while_the_store_is_away(
    serve: Serve, embedded_store: Store, tmp_path: Path, happened: Callable[[Store], None], status: int
) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    here = browser.app.state.deployment
    asyncio.run(look_what_ended(here))
    assert len(browser.get(OFFERS).json()["offers"]) == 5
    happened(embedded_store)
    asyncio.run(look_what_ended(here))
    break_store(browser, tmp_path)
    assert browser.get(OFFERS).status_code == status


def test_what_was_read_before_a_roll_back_is_not_remembered_after_it() -> None:
    known = LastKnown()
    known.ended("none")
    before = known.endings
    known.ended("one run")
    known.remember("anna", SHOWN, MONDAY, read_at=before)
    assert known.offers("anna", MONDAY) is None


def test_what_a_roll_back_took_away_during_an_outage_does_not_come_back_in_the_next_one(
    serve: Serve, embedded_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.serving.access.gate.REMEMBERED_SECONDS", 0.0)
    a_night(embedded_store, ["anna", "zoe"])
    browser = serve()
    asyncio.run(look_what_ended(browser.app.state.deployment))
    assert len(browser.get(OFFERS).json()["offers"]) == 5
    embedded_store.close()
    break_store(browser, tmp_path)
    assert browser.get(OFFERS).status_code == 200
    elsewhere = open_store(f"sqlite:///{tmp_path / 'away.db'}")
    taken_back(elsewhere)
    elsewhere.close()
    browser.app.state.deployment.close()
    (tmp_path / "away.db").replace(tmp_path / "store.db")
    assert browser.get("/v1/customers/zoe/offers").json()["offers"] == []
    break_store(browser, tmp_path)
    assert browser.get(OFFERS).status_code == 503


def test_after_an_outage_the_memory_waits_for_the_next_look() -> None:
    known = LastKnown()
    known.ended("none")
    known.remember("anna", SHOWN, MONDAY, read_at="none")
    known.missed()
    assert known.offers("anna", MONDAY) is not None
    known.remember("zoe", SHOWN, MONDAY, read_at="none")
    assert known.offers("anna", MONDAY) is None
    known.ended("none")
    assert known.offers("anna", MONDAY) is not None


def test_a_running_server_looks_by_itself(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    app = serve().app
    known = app.state.deployment.last_known

    async def live() -> None:
        async with asyncio.timeout(60), app.router.lifespan_context(app):
            while known.endings is None:  # noqa: ASYNC110 - the server tells nobody that it has looked
                await asyncio.sleep(0.01)
            before = known.endings
            taken_back(embedded_store)
            while known.endings == before:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    asyncio.run(live())
    assert known.endings.runs == 1


def test_whom_the_process_does_not_know_gets_503_and_a_write_is_refused_whole(
    serve: Serve, embedded_store: Store, tmp_path: Path
) -> None:
    a_night(embedded_store, ["anna", "zoe"])
    browser = serve()
    browser.get(OFFERS)
    break_store(browser, tmp_path)
    other = browser.get("/v1/customers/zoe/offers")
    write = browser.ask("POST", "/v1/events", {"events": []})
    for answer in (other, write):
        assert (answer.status_code, answer.json()["key"], answer.headers["retry-after"]) == (
            503,
            "store_unreachable",
            "5",
        )


def test_a_choice_made_through_another_process_is_visible_at_once(
    serve: Serve, embedded_store: Store
) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    assert b'"slots_used":0' in browser.get(OFFERS).content
    touch(embedded_store, "anna", "o_1", Touch.REDEEM, MONDAY)
    assert b'"slots_used":1' in browser.get(OFFERS).content
