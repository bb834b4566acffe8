from contextlib import suppress
from datetime import UTC, datetime, timedelta

from engine.store import Store
from engine.store.access.remembered_answers import Claim, Kept, claim, keep_answer
from engine.store.nights.retention import forget_ended
from engine.store.schema.customer_data import Clock

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)
SALE = Claim("k_1", "sale-8812", b"h" * 32)


def write(store: Store, wanted: Claim = SALE, body: bytes = b"{}", at: datetime = NOON) -> Kept | None:
    with store.writing() as connection:
        kept = claim(connection, wanted, now=at)
        if kept is None:
            keep_answer(connection, wanted, 201, body, customer_id="anna")
        return kept


def test_the_second_claim_gets_the_answer_of_the_first(store: Store) -> None:
    assert write(store, body=b'{"redemption_id":"r_1"}') is None
    assert write(store) == Kept(b"h" * 32, 201, b'{"redemption_id":"r_1"}')


def test_another_caller_may_use_the_same_key(store: Store) -> None:
    write(store)
    assert write(store, SALE._replace(caller="k_2")) is None


def test_a_write_that_failed_leaves_its_key_free(store: Store) -> None:
    with suppress(ZeroDivisionError), store.writing() as connection:
        claim(connection, SALE, now=NOON)
        _ = 1 // 0
    assert write(store) is None


def test_old_answers_are_forgotten_and_young_ones_are_kept(store: Store) -> None:
    write(store)
    write(store, SALE._replace(idempotency_key="sale-8813"), at=NOON + timedelta(hours=1))
    assert forget_ended(store, Clock.REAL, before=NOON + timedelta(hours=1)) == 1
    assert write(store) is None
    assert write(store, SALE._replace(idempotency_key="sale-8813")) is not None
