"""A shop of five products with a night published, for the tests of the day: literal prices, rules as shipped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import insert

from engine.domain.bundle import Bundle, OfferState
from engine.domain.funding import Funding
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.programme import programme_text
from engine.store import Store
from engine.store.choices.favourites import stage_suggestions
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.publication import publish
from engine.store.nights.published_products import PublishedProduct, stage_products
from engine.store.schema import moment_us
from engine.store.schema.favourite_tables import favourites
from tests.engine.bundles import MONDAY, NIGHT, begin, bundle, day, staged

# The offers of `tests.engine.bundles` are on 995240 .. 995244, 15 % off 2.99.
STOCKED = tuple(
    PublishedProduct(
        str(995240 + number), f"MILK {number}", None, "DAIRY", "MILK", None, None, "MILK", 299, None, 9, ""
    )
    for number in range(5)
)
BANANAS = PublishedProduct(
    "1082185", "BANANAS", None, "FRUIT", "TROPICAL", None, None, "TROPICAL", 100, None, 50, ""
)
PLANTAINS = BANANAS._replace(product_id="1082186", name="PLANTAINS", price_minor=110)
# What may be given by hand, for the end of a programme.
GRANTS = """
[grants]
days = 7
compensation_limit_minor = 2000
compensation_a_month = 2
thank_you_limit_minor = 300
budget.compensation = {amount_minor = 5000, period = "month"}
budget.thank_you = {amount_minor = 500, period = "week"}
"""
NOON = day(5).replace(hour=12)
IN_TEN_DAYS = day(14)


def publish_shop(
    store: Store,
    customers: Iterable[str],
    *,
    night: date = NIGHT,
    attempt: int = 1,
    days: int = 6,
    state: OfferState = OfferState.ACTIVATED,
    slots_total: int = 5,
    programme: str | None = None,
    products: Sequence[PublishedProduct] = (*STOCKED, BANANAS, PLANTAINS),
    ids: str = "text",
    manifest: Mapping[str, object] = MappingProxyType({}),
    advice: Mapping[str, str] = MappingProxyType({}),
    fundings: Mapping[int, Funding] = MappingProxyType({}),
    of: str = "",
    discount_bp: int = 1500,
) -> None:
    """Publish a night with its shelf: five offers for each customer, from the night's midnight; suppliers pay by place.

    `of` is the programme's name, with which the ids of its offers end.
    """
    run = begin(store, night, attempt, ids=ids, programme=of)
    stage_products(
        store,
        run,
        item_level="product",
        programme=programme_text() if programme is None else programme,
        stocked=sorted(products),
    )
    made = (
        _of_programme(bundle(name, run.run_id, starts=run.as_of, days=days, state=state), of, discount_bp)
        for name in customers
    )
    stage_bundles(
        store, run, (staged(_with_slots(one, slots_total))._replace(fundings=fundings) for one in made)
    )
    stage_suggestions(store, run, advice.items())
    publish(store, run.run_id, now=run.as_of, manifest=dict(manifest))


def _of_programme(made: Bundle, of: str, discount_bp: int) -> Bundle:
    offers = (replace(one, id=f"{one.id}{of}", discount_bp=discount_bp) for one in made.offers)
    return replace(made, offers=tuple(offers))


def _with_slots(made: object, slots_total: int) -> object:
    return type(made)(**(vars(made) | {"slots_total": slots_total}))


def rules(**changes: str) -> str:
    """The shipped programme with some lines `key = value` replaced."""
    text = programme_text()
    for key, value in changes.items():
        lines = text.split("\n")
        found = [place for place, line in enumerate(lines) if line.startswith(f"{key} = ")]
        assert len(found) == 1, key
        lines[found[0]] = f"{key} = {value}"
        text = "\n".join(lines)
    return text


def give_favourite(
    store: Store,
    customer_id: str = "anna",
    item_id: str = "1082185",
    *,
    starts: datetime = MONDAY,
    ends: datetime = IN_TEN_DAYS,
    max_units: int = 4,
) -> None:
    row = {
        "favourite_id": f"f_{customer_id}",
        "customer_id": customer_id,
        "item_id": item_id,
        "name": "BANANAS",
        "price_minor": 100,
        "discount_bp": 3000,
        "max_units": max_units,
        "set_us": moment_us(starts),
        "set_on": starts.date(),
        "choice_no": 1,
        "effective_from_us": moment_us(starts),
        "valid_to_us": moment_us(ends),
        "arm": "treated",
        "expected_cost_milli": 0,
    }
    with store.writing(customer_id) as connection:
        connection.execute(insert(favourites).values(**row))


def line(
    number: int, pieces: int = 1, *, price: int = 299, promo: int = 0, line_id: str | None = None
) -> BasketLine:
    """So many pieces of the product of offer `o_<number>`."""
    name = str(number) if line_id is None else line_id
    return BasketLine(name, str(995240 + number), pieces * 1000, Unit.PIECE, price, promo)


def basket(
    *lines: BasketLine, customer_id: str = "anna", till: str | None = "7", at: datetime | None = None
) -> Basket:
    return Basket(customer_id, lines, store_id="330", till_id=till, at=at)
