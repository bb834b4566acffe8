from datetime import UTC, datetime, timedelta

import pytest

from engine.domain.contacts import Channel, Contact, ContactState, Found, contact_state, last_settled

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def contact(found: Found, days_ago: float, *, quiet_until: datetime | None = None) -> Contact:
    return Contact(
        "anna", NOW - timedelta(days=days_ago), found, Channel.CALL, "Olga", quiet_until=quiet_until
    )


def known(*held: Contact, quiet_days: int = 28) -> ContactState:
    summed = contact_state(held, NOW, quiet_days)
    assert summed is not None
    return summed


def test_nobody_asked_nothing_known() -> None:
    assert contact_state([], NOW, 28) is None
    assert contact_state([contact(Found.MOVED, -1)], NOW, 28) is None, "it has not happened yet"


@pytest.mark.parametrize(("days_ago", "quiet"), [(0.5, True), (27.9, True), (28, False)])
def test_a_contact_keeps_a_customer_off_the_list_for_the_quiet_days(days_ago: float, quiet: bool) -> None:
    assert known(contact(Found.NOT_REACHED, days_ago)).quiet is quiet


def test_a_contact_may_name_its_own_day() -> None:
    assert known(contact(Found.BOUGHT_ELSEWHERE, 90, quiet_until=NOW + timedelta(days=1))).quiet
    assert not known(contact(Found.BOUGHT_ELSEWHERE, 1, quiet_until=NOW)).quiet


def test_who_moved_is_gone_until_found_coming_back() -> None:
    moved, back = contact(Found.MOVED, 300), contact(Found.COMING_BACK, 200)
    assert known(moved).moved
    assert not known(back, moved).moved, "whatever their order"
    assert known(back, contact(Found.MOVED, 100)).moved


def test_a_complaint_is_open_until_it_is_settled() -> None:
    complaint = contact(Found.COMPLAINT, 300)
    assert known(complaint, contact(Found.NOT_REACHED, 10)).complaint
    assert not known(complaint, contact(Found.COMPLAINT_SETTLED, 10)).complaint


def test_the_latest_contact_is_remembered() -> None:
    assert (
        known(contact(Found.NOT_REACHED, 3), contact(Found.OTHER_REASON, 9)).last.found is Found.NOT_REACHED
    )


def test_a_complaint_counts_as_settled_from_its_settlement_until_the_next_one() -> None:
    made, settled = contact(Found.COMPLAINT, 9), contact(Found.COMPLAINT_SETTLED, 5)
    assert last_settled([made], NOW) is None
    assert last_settled([settled, made], NOW) == (made.at, settled.at)
    assert last_settled([settled], NOW) == (None, settled.at)
    assert last_settled([made, settled, contact(Found.COMPLAINT, 2)], NOW) is None
