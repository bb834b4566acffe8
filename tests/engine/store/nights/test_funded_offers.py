"""What suppliers pay, from the offer's terms to the claim, in both databases."""

from datetime import timedelta

import pytest

from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.domain.expected_use import KindOfOffers
from engine.domain.funding import Funding
from engine.store import Store
from engine.store.access.customer_erasure import erase_customer
from engine.store.checkout.funded_lines import FunderClaim, claims_between
from engine.store.nights.funded_offers import given_of_funders, promised_of_funders
from engine.store.nights.offer_use import over_kinds
from engine.store.nights.retention import prunable, prune_bundles
from tests.engine.bundles import NIGHT, day
from tests.engine.shop import NOON, basket, line, publish_shop

# A piece of milk at 2.99 less 15 % is .45 off: of this the dairy pays half, and the mill .10 a piece at most.
DAIRY = Funding("Dairy", "A-7", 5000, None, 900)
MILL = Funding("Mill", "=1+1", 10_000, 10, 300)
PAID = {0: DAIRY, 1: MILL}
OF_DAIRY, OF_MILL = ("Dairy", "A-7"), ("Mill", "=1+1")


@pytest.mark.parametrize(
    ("terms", "discount", "units_milli", "part"),
    [(DAIRY, 45, 1000, 22), (MILL, 45, 1000, 10), (MILL, 90, 2000, 20), (MILL, 9, 1000, 9)],
)
def test_a_part_is_rounded_down_and_no_more_than_its_cap(
    terms: Funding, discount: int, units_milli: int, part: int
) -> None:
    assert terms.part_of(discount, units_milli) == part


def test_a_claim_is_what_was_redeemed_less_what_came_back_in_the_period(store: Store) -> None:
    publish_shop(store, ["anna", "boris"], fundings=PAID)
    redeem(store, basket(line(0), line(1, 2), line(2)), now=NOON)
    back = redeem(store, basket(line(0), customer_id="boris"), now=NOON)
    assert claims_between(store, day(5), day(6)) == [
        FunderClaim(*OF_DAIRY, 5000, None, 2, 2000, 90, 44, 0, 0, 0, 0),
        FunderClaim(*OF_MILL, 10_000, 10, 1, 2000, 90, 20, 0, 0, 0, 0),
    ]
    assert given_of_funders(store) == {OF_DAIRY: 44, OF_MILL: 20}
    rollback(store, back.redemption_id, now=NOON + timedelta(days=1))
    assert given_of_funders(store) == {OF_DAIRY: 22, OF_MILL: 20}
    (settled, _) = claims_between(store, day(5), day(6))
    assert settled.claimed_minor == 44, "a claim that was settled stays"
    (later,) = claims_between(store, day(6), day(7))
    assert later == FunderClaim(*OF_DAIRY, 5000, None, 0, 0, 0, 0, 1, 1000, 45, 22)
    assert later.claimed_minor == -22


def test_open_bundles_promise_what_is_expected_or_given_and_those_that_are_over_what_was_given(
    store: Store,
) -> None:
    publish_shop(store, ["anna", "boris"], fundings=PAID)
    assert promised_of_funders(store, NOON) == {OF_DAIRY: 1800, OF_MILL: 600}
    assert promised_of_funders(store, NOON, replacing=NIGHT) == {}
    redeem(store, basket(line(0), line(1)), now=NOON)
    assert promised_of_funders(store, NOON) == {OF_DAIRY: 900 + 22_000, OF_MILL: 300 + 10_000}
    assert promised_of_funders(store, day(10)) == {OF_DAIRY: 22_000, OF_MILL: 10_000}


def test_the_shops_own_budget_counts_what_the_shop_gave_itself(store: Store) -> None:
    publish_shop(store, ["anna"], fundings=PAID)
    redeem(store, basket(line(0), line(2)), now=NOON)
    found = over_kinds(store, day(4), day(10))["preferred"]
    assert found == KindOfOffers(1.25, 5_000, 2, (23 + 45) * 1000, found.variance)


def test_an_erased_customers_claim_keeps_its_sums_and_prune_takes_what_nobody_redeemed(store: Store) -> None:
    publish_shop(store, ["anna", "boris"], fundings=PAID)
    redeem(store, basket(line(0)), now=NOON)
    before = claims_between(store, day(5), day(6))
    with store.writing("anna") as connection:
        erase_customer(connection, "anna", now=NOON)
    (run,) = prunable(store, keep=(), ended_by=day(20))
    prune_bundles(store, run, ended_by=day(20))
    assert claims_between(store, day(5), day(6)) == before
    assert promised_of_funders(store, day(10)) == {OF_DAIRY: 22_000, OF_MILL: 0}
