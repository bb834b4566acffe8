"""Small bundles written out for the tests of store, day and serving."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from engine.domain.bundle import Bundle, Item, Kind, Offer, OfferState, Reason
from engine.domain.customer_view import render
from engine.store import Store
from engine.store.nights.bundle_records import StagedBundle, stage_bundles
from engine.store.nights.publication import Published, publish
from engine.store.nights.run_records import Run, begin_run

MONDAY = datetime(2017, 12, 4, tzinfo=UTC)
NIGHT = MONDAY.date()


def day(number: int) -> datetime:
    """Midnight of a day of December 2017."""
    return datetime(2017, 12, number, tzinfo=UTC)


def offer(number: int, **changes: object) -> Offer:
    values = {
        "id": f"o_{number}",
        "item": Item(str(995240 + number), "FLUID MILK WHITE ONLY 1 GA", 299),
        "kind": Kind.PREFERRED,
        "state": OfferState.ACTIVATED,
        "discount_bp": 1500,
        "max_units": 4,
        "reason": Reason("due_now", "You usually buy it every 6 days"),
        "p_buy": 0.25,
        "propensity": 1.0,
        "expected_cost_milli": 1_000,
    }
    return Offer(**(values | changes))  # type: ignore[arg-type] - literal data of one offer


def bundle(
    customer_id: str,
    run_id: str = "2017-12-04.1",
    *,
    starts: datetime = MONDAY,
    days: int = 6,
    state: OfferState = OfferState.ACTIVATED,
    slots: int = 5,
) -> Bundle:
    return Bundle(
        id=f"b_{customer_id}_{run_id}",
        run_id=run_id,
        customer_id=customer_id,
        valid_from=starts,
        valid_to=starts + timedelta(days=days),
        offers=tuple(offer(number, state=state) for number in range(5)),
        slots_total=slots,
    )


def staged(made: Bundle) -> StagedBundle:
    return StagedBundle(made, "treated", render(made, as_of=MONDAY, currency="USD"))


def begin(
    store: Store, night: date = NIGHT, attempt: int = 1, *, ids: str = "text", programme: str = ""
) -> Run:
    as_of = datetime(night.year, night.month, night.day, tzinfo=UTC)
    return begin_run(
        store,
        night=night,
        attempt=attempt,
        as_of=as_of,
        timezone="UTC",
        currency="USD",
        now=as_of,
        ids=ids,
        programme=programme,
    )


def a_night(
    store: Store,
    customers: Iterable[str],
    *,
    night: date = NIGHT,
    attempt: int = 1,
    days: int = 6,
    state: OfferState = OfferState.ACTIVATED,
    programme: str = "",
) -> Published:
    """Stage and publish one bundle for each customer, valid from the night's midnight."""
    run = begin(store, night, attempt, programme=programme)
    stage_bundles(
        store,
        run,
        (staged(bundle(name, run.run_id, starts=run.as_of, days=days, state=state)) for name in customers),
    )
    return publish(store, run.run_id, now=run.as_of, manifest={"seed": 1})
