"""What nights give binds their line: made again, rolled back or used, on both stores."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert

from engine.domain.grants import Grant, GrantKind
from engine.programme.programme import UNNAMED
from engine.store import Store
from engine.store.grants.grant_ledger import GrantPart, use
from engine.store.grants.grants_of_nights import (
    GivenTonight,
    cancel_of_night,
    give_of_night,
    given_minor,
    last_given,
)
from engine.store.grants.kept_grants import grants_of
from engine.store.schema import moment_us
from engine.store.schema.checkout_tables import redemptions
from tests.engine.bundles import MONDAY, day

NIGHT, WEEK = MONDAY.date(), (MONDAY, MONDAY + timedelta(days=7))


def thanks(customer: str, attempt: int = 1, amount_minor: int = 300) -> Grant:
    return Grant(
        f"thank_you/{customer}",
        customer,
        GrantKind.THANK_YOU,
        amount_minor,
        "EUR",
        "Thank you.",
        MONDAY,
        day(11),
        f"{NIGHT}.{attempt}",
        MONDAY,
        "thank_you",
    )


def a_night(store: Store, *tonight: Grant, programme: str = UNNAMED) -> GivenTonight:
    with store.switching() as connection:
        return give_of_night(connection, NIGHT, programme, tonight, MONDAY)


def rolled_back(store: Store, programme: str = UNNAMED) -> int:
    with store.switching() as connection:
        return cancel_of_night(connection, NIGHT, programme, MONDAY)


def used(store: Store, customer: str, now: datetime = MONDAY) -> None:
    """All of the customer's only open grant pays a line of a purchase."""
    with store.writing(customer) as connection:
        kept = next(one for one in grants_of(connection, customer, now) if one.left_minor)
        row = {
            "redemption_id": f"r_{customer}",
            "customer_id": customer,
            "redeemed_us": moment_us(now),
            "local_day": now.date(),
            "currency": "EUR",
            "discount_minor": 0,
        }
        number = connection.execute(
            insert(redemptions).values(row).returning(redemptions.c.redemption_no)
        ).scalar_one()
        part = GrantPart(kept.grant_no, kept.grant.id, 0, "1", kept.left_minor)
        use(connection, number, customer, [part], now)


def spent(store: Store, programme: str = UNNAMED, *, again: bool = False) -> int:
    return given_minor(store, "thank_you", *WEEK, programme=programme, replacing=NIGHT if again else None)


def thanked(store: Store, *names: str, again: bool = False, programme: str = UNNAMED) -> dict[str, datetime]:
    replacing = NIGHT if again else None
    return last_given(store, GrantKind.THANK_YOU, names, MONDAY, programme=programme, replacing=replacing)


def test_the_same_night_gives_nobody_twice_and_takes_back_from_whom_it_leaves_out(store: Store) -> None:
    assert a_night(store, thanks("anna"), thanks("ben")) == GivenTonight(new=2, kept=0, cancelled=0)
    assert a_night(store, thanks("anna", 2), thanks("cleo", 2)) == GivenTonight(new=1, kept=1, cancelled=1)
    assert spent(store) == 600
    assert spent(store, again=True) == 0
    assert thanked(store, "anna", "ben", "cleo") == {
        "anna": MONDAY,
        "cleo": MONDAY,
    }
    assert thanked(store, "anna", again=True) == {}


def test_what_was_used_stays_given_whatever_becomes_of_its_night(store: Store) -> None:
    a_night(store, thanks("anna"), thanks("ben"))
    used(store, "anna")
    assert spent(store, again=True) == 300
    assert thanked(store, "anna", "ben", again=True) == {"anna": MONDAY}
    assert rolled_back(store) == 1
    assert spent(store) == 300
    assert a_night(store, thanks("ben", 2)) == GivenTonight(new=1, kept=0, cancelled=0)
    assert spent(store) == 600


def test_a_night_takes_back_nothing_of_another_night_or_of_a_person(store: Store) -> None:
    a_night(store, thanks("anna"), replace(thanks("ben"), given_by="k_desk"))
    earlier = replace(thanks("cleo"), given_by=f"{NIGHT - timedelta(days=1)}.1")
    with store.switching() as connection:
        give_of_night(connection, NIGHT - timedelta(days=1), UNNAMED, [earlier], MONDAY)
    assert rolled_back(store) == 1
    assert spent(store) == 300  # cleo's; what a person gives is of a line of its own
    assert set(thanked(store, "anna", "ben", "cleo")) == {"ben", "cleo"}


def test_a_night_takes_back_nothing_that_another_programme_gave_the_same_night(store: Store) -> None:
    a_night(store, thanks("anna"))
    weekly = replace(thanks("ben"), given_by=f"{NIGHT}.weekly.2")
    assert a_night(store, weekly, programme="weekly").cancelled == 0
    assert a_night(store, programme="daily").cancelled == 0
    assert thanked(store, "anna", "ben", again=True, programme="daily") == {"anna": MONDAY, "ben": MONDAY}
    assert thanked(store, "anna", "ben", again=True, programme="weekly") == {"anna": MONDAY}
    assert (spent(store), spent(store, "weekly"), spent(store, "daily")) == (300, 300, 0)
    assert rolled_back(store, "weekly") == 1
    assert (spent(store), spent(store, "weekly")) == (300, 0)
    assert rolled_back(store) == 1
