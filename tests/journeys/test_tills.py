"""Tills in parallel and servers that die: what was acknowledged is there, and nothing is there twice."""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.domain.access_keys import Scope
from engine.store import Store
from engine.store.access.server_keys import create_key
from engine.store.checkout.redemption_ledger import LoggedLine, redeemed_lines
from engine.store.nights.login_views import view_of
from tests.engine.shop import NOON, give_favourite, publish_shop, rules
from tests.journeys.servers import Servers, servers_of

TILLS = 32
CLOCK = "fixed:2017-12-05T12:00:00Z"
# Everything on one card: the caps against that are out of the way.
ONE_CARD = rules(redemptions_a_day="1000", units_a_day="100000", tills="1000", max_units_a_day="3")
DECEMBER = (datetime(2017, 12, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC))


@pytest.fixture
def shop(store: Store, store_url: str, tmp_path: Path) -> Iterator[Servers]:
    """A shop with one open bundle of three slots, and a socket on which no server listens yet."""
    customers = ["anna", *(f"customer_{number}" for number in range(70))]
    publish_shop(store, customers, slots_total=3, programme=ONE_CARD)
    give_favourite(store, max_units=3)
    _, secret = create_key(store, "tills", frozenset({Scope.TILL}), now=datetime.now(UTC), expires_at=None)
    with servers_of(tmp_path, store_url, secret, CLOCK) as servers:
        yield servers


class Till:
    """A till that retries with the same key until it has an answer, however impatient it is."""

    def __init__(self, servers: Servers, number: int, kept: float) -> None:
        self.servers = servers
        self.number = number
        self.kept = kept  # share of its sales that do not come back
        self.random = random.Random(number)  # noqa: S311 - no secret
        self.statuses: Counter[int] = Counter()
        self.sold: dict[str, int] = {}
        self.taken_back: dict[str, int] = {}
        self.writes = 0
        self.moment = threading.Event()

    def serve_customers(self, baskets: int) -> None:
        for _ in range(baskets):
            if self.random.random() < 0.4:
                held = self.write("/v1/validations", self.basket(session=True))
                if held is None or not held["applied"]:
                    continue
                done = self.write("/v1/redemptions", {"session": {"key": self.session}})
            else:
                done = self.write("/v1/redemptions", self.basket(session=False))
            if done is None:
                continue
            self.sold[done["redemption_id"]] = done["total_discount_minor"]
            if self.random.random() >= self.kept:
                back = self.write(f"/v1/redemptions/{done['redemption_id']}/rollback", {})
                assert back is not None
                self.taken_back[done["redemption_id"]] = back["total_discount_minor"]

    def write(self, path: str, body: object) -> dict[str, Any] | None:
        """Send a write until it is answered, sometimes hanging up after milliseconds; None if it is refused."""
        self.writes += 1
        key = f"till-{self.number}-{self.writes}"
        answer = self.insist(path, body, key)
        if answer[0] < 300 and self.random.random() < 0.2:  # it got lost on the way: once more
            assert self.insist(path, body, key) == answer
        self.statuses[answer[0]] += 1
        return answer[1] if answer[0] < 300 else None

    def insist(self, path: str, body: object, key: str) -> tuple[int, dict[str, Any]]:
        for _ in range(500):
            patience = self.random.choice([0.002, 0.01, 0.03, 60, 60])
            answer = self.servers.ask("POST", path, body, key=key, seconds=patience)
            if answer is not None and answer[1].get("key") != "write_in_flight":
                return answer
            self.moment.wait(
                0.05
            )  # "ask again in a moment": 31 others are in front of the write that is under way
        raise AssertionError("no answer after 500 tries")

    @property
    def session(self) -> str:
        return f"330-{self.number}-{self.writes_of_session}"

    def basket(self, *, session: bool) -> dict[str, Any]:
        items = self.random.sample(["0", "1", "2", "3", "4", "b"], self.random.randint(1, 6))
        body: dict[str, Any] = {
            "customer_id": "anna",
            "till_id": str(self.number),
            "lines": [
                {
                    "line_id": item,
                    "product_id": "1082185" if item == "b" else f"99524{item}",
                    "quantity_milli": 1000 * self.random.randint(1, 3),
                    "shelf_price_minor": 100 if item == "b" else 299,
                }
                for item in items
            ],
        }
        if session:
            self.writes_of_session = self.writes
            body["session"] = {"key": self.session, "ttl_seconds": 60}
        return body


def ledger(store: Store) -> list[LoggedLine]:
    return list(redeemed_lines(store, since=DECEMBER[0], until=DECEMBER[1]))


def busy_tills(shop: Servers, baskets: int, *, kept: float) -> list[Till]:
    """32 tills on one card at once; returns them when all have been answered."""
    shop.start(workers=2)
    tills = [Till(shop, number, kept) for number in range(TILLS)]
    with ThreadPoolExecutor(TILLS) as together:
        for done in [together.submit(till.serve_customers, baskets) for till in tills]:
            done.result(240)
    statuses = sum((till.statuses for till in tills), Counter[int]())
    assert set(statuses) <= {200, 201, 409}, statuses
    return tills


def check_the_ledger(store: Store, tills: list[Till]) -> None:
    booked = ledger(store)
    told = {name: money for till in tills for name, money in till.sold.items()}
    money: Counter[str] = Counter()
    for one in booked:
        money[one.redemption_id] += one.line.discount_minor
    assert dict(money) == told, "every acknowledged redemption is there once, and no other one"
    returned: Counter[str] = Counter()
    for one in booked:
        if one.rolled_back_at is not None:
            returned[one.redemption_id] += one.line.discount_minor
    assert dict(returned) == {name: sum_ for till in tills for name, sum_ in till.taken_back.items()}
    standing = [one for one in booked if one.rolled_back_at is None]
    offers = {(one.line.slot, one.redemption_id) for one in standing if one.line.slot is not None}
    slots = [slot for slot, _ in offers]
    assert len(slots) == len(set(slots)) <= 3
    assert sum(one.line.units_milli for one in standing if one.line.favourite_no) <= 3000
    view = view_of(store, "anna", NOON + timedelta(minutes=2))  # when the last hold has ended
    assert view is not None
    shown = json.loads(view.body)
    assert shown["bundle"]["slots_used"] == len(slots)
    assert sum(offer["state"] == "redeemed" for offer in shown["offers"]) == len(slots)


def test_thirty_two_tills_use_each_slot_once(shop: Servers, store: Store) -> None:
    tills = busy_tills(shop, baskets=2, kept=0.2)
    assert any(till.sold for till in tills)  # one large basket that is kept may take all three slots
    check_the_ledger(store, tills)


@pytest.mark.prove
def test_thirty_two_tills_use_each_slot_once_all_day(shop: Servers, store: Store) -> None:
    tills = busy_tills(shop, baskets=40, kept=0.01)
    check_the_ledger(store, tills)
    print({"sold": sum(len(till.sold) for till in tills), "writes": sum(till.writes for till in tills)})


def redeem_under_fire(shop: Servers, redemptions: int, *, seed: int) -> tuple[set[str], int, int]:
    """Redeem one offer after the other while the server is killed at random moments.

    Returns the acknowledged ids, how often it was killed, and how often the till had to ask again.
    """
    drawn = random.Random(seed)  # noqa: S311 - no secret
    acknowledged: set[str] = set()
    kills = repeated = 0
    shop.start()
    for number in range(redemptions):
        body = {
            "customer_id": f"customer_{number // 3}",
            "lines": [
                {
                    "line_id": "1",
                    "product_id": f"99524{number % 3}",
                    "quantity_milli": 1000,
                    "shelf_price_minor": 299,
                }
            ],
        }
        assert shop.ask("GET", "/health/live") == (200, {"status": "live"})
        fate = threading.Timer(drawn.uniform(0, 0.25), shop.replace)
        if drawn.random() < 0.5:
            kills += 1
            fate.start()
        answer = None
        while answer is None or answer[1].get("key") == "write_in_flight":
            repeated += answer is not None
            answer = shop.ask("POST", "/v1/redemptions", body, key=f"sale-{number}")
            repeated += answer is None
        if fate.is_alive():
            fate.join()
        assert answer[0] == 201, answer
        acknowledged.add(answer[1]["redemption_id"])
    return acknowledged, kills, repeated


@pytest.mark.parametrize("redemptions", [12, pytest.param(200, marks=pytest.mark.prove)])
@pytest.mark.long
def test_a_killed_server_loses_nothing_and_does_nothing_twice(
    shop: Servers, store: Store, redemptions: int
) -> None:
    acknowledged, kills, repeated = redeem_under_fire(shop, redemptions, seed=redemptions)
    print({"redemptions": redemptions, "kills": kills, "asked again": repeated})
    assert kills > 0
    booked = [one.redemption_id for one in ledger(store)]
    assert len(booked) == len(set(booked)) == redemptions
    assert set(booked) == acknowledged
