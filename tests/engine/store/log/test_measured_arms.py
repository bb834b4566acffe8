"""What a report asks of an experiment's customers, some of them at a time."""

from datetime import timedelta

from engine.day.till.redeem import redeem
from engine.domain.contacts import Channel, Contact, Found
from engine.domain.funding import Funding
from engine.store import Store
from engine.store.choices.contact_log import record_contacts
from engine.store.log.measured_arms import (
    RedeemedSum,
    complaints_between,
    funded_between,
    members_among,
    redeemed_between,
    served_between,
)
from tests.engine.bundles import MONDAY
from tests.engine.shop import NOON, basket, line, publish_shop
from tests.engine.store.nights.test_assigned_arms import begun

WEEK = (MONDAY - timedelta(days=7), NOON + timedelta(days=1))


def test_only_those_are_told_of_who_are_asked_about(store: Store) -> None:
    number = begun(store, ("anna", "treated"), ("ben", "holdout"), ("zoe", "treated"))
    publish_shop(store, ["anna", "zoe"], fundings={0: Funding("Dairy", "A-7", 5000, None, 900)})
    redeem(store, basket(line(0)), now=NOON)
    calls = [Contact(name, NOON, Found.COMPLAINT, Channel.CALL, "Olga", "") for name in ("anna", "zoe")]
    record_contacts(store, calls, now=NOON)
    asked = ["zoe", "nobody", "anna"]
    members = members_among(store, number, asked)
    assert [(one.customer_id, one.arm) for one in members] == [("anna", "treated"), ("zoe", "treated")]
    assert served_between(store, asked, *WEEK) == {"anna", "zoe"}
    assert served_between(store, ["zoe", "ben"], *WEEK) == {"zoe"}
    assert redeemed_between(store, asked, *WEEK) == [RedeemedSum("anna", 1, 45)]
    assert redeemed_between(store, ["zoe"], *WEEK) == []
    assert funded_between(store, asked, *WEEK) == [("anna", NOON, 22)]
    assert funded_between(store, ["zoe"], *WEEK) == []
    assert complaints_between(store, ["zoe"], *WEEK) == [("zoe", NOON)]
