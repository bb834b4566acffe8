from engine.store import Store
from engine.store.log.exported_offers import LedgerOffer, current_offers
from models.tables import OFFERS
from tests.engine.bundles import MONDAY, a_night, day


def test_the_export_has_every_offer_with_what_was_promised(store: Store) -> None:
    a_night(store, ["anna"])
    rows = list(current_offers(store, MONDAY))
    assert len(rows) == 5
    assert rows[2] == LedgerOffer(
        customer_id="anna",
        bundle_id="b_anna_2017-12-04.1",
        item_id="995242",
        name="FLUID MILK WHITE ONLY 1 GA",
        kind="preferred",
        discount_bp=1500,
        price_minor=299,
        valid_from=day(4),
        valid_to=day(10),
        p_buy=0.25,
        arm="treated",
        propensity=1.0,
        reason="due_now",
        run_id="2017-12-04.1",
    )


def test_the_export_of_a_moment_leaves_out_what_has_ended(store: Store) -> None:
    a_night(store, ["anna"], days=4)
    assert list(current_offers(store, day(8))) == []


def test_the_export_has_the_columns_that_the_vocabulary_lists() -> None:
    assert LedgerOffer._fields == OFFERS.names
