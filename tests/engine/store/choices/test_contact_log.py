from datetime import UTC, datetime, timedelta

from engine.domain.contacts import Channel, Contact, Found
from engine.store import Store
from engine.store.access.customer_erasure import erase_customer
from engine.store.choices.contact_log import all_contacts, contacts_of, record_contacts

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
CALL = Contact(
    "anna", NOW - timedelta(days=3), Found.BOUGHT_ELSEWHERE, Channel.CALL, "Olga", "nearer to work"
)
LATER = Contact("ben", NOW, Found.MOVED, Channel.MESSAGE, "Pavel", quiet_until=NOW + timedelta(days=9))


def test_contacts_come_back_as_they_were_recorded_oldest_first(store: Store) -> None:
    assert record_contacts(store, [LATER, CALL], now=NOW) == 2
    assert all_contacts(store) == [CALL, LATER]
    assert all_contacts(store, "ben") == [LATER]


def test_the_same_contact_twice_is_one(store: Store) -> None:
    assert record_contacts(store, [CALL, CALL], now=NOW) == 1
    assert record_contacts(store, [CALL], now=NOW) == 0
    assert all_contacts(store) == [CALL]


def test_contacts_are_found_for_those_asked_for(store: Store) -> None:
    record_contacts(store, [CALL, LATER], now=NOW)
    assert contacts_of(store, [f"c{number}" for number in range(1200)] + ["anna"]) == {"anna": [CALL]}
    assert contacts_of(store, []) == {}


def test_an_erased_customer_has_no_contacts_and_gets_none(store: Store) -> None:
    record_contacts(store, [CALL, LATER], now=NOW)
    with store.writing() as connection:
        erase_customer(connection, "anna", now=NOW)
    assert record_contacts(store, [CALL], now=NOW) == 0
    assert all_contacts(store) == [LATER]
