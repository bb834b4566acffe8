"""What customers and tills may do in a day, and how each act is drawn: one by one, or thirty in a busy day."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.laws.day_model import FAVOURITES, ITEMS, SHARES, STAND_INS

CUSTOMERS = ["anna", "boris"]
EVERYBODY = [*CUSTOMERS, *SHARES]
customers = st.sampled_from(EVERYBODY)
tills = st.sampled_from(["1", "2", "3"])
keys = st.sampled_from(["basket-1", "basket-2"])
numbers = st.integers(0, ITEMS - 1)
# Most days nights activate by themselves, most lines are not promoted: else little would ever be sold.
mostly = st.sampled_from([True, True, True, False])
milks = [*map(str, range(ITEMS)), *STAND_INS]
items = st.sampled_from([*milks, *sorted(FAVOURITES)])
lines = st.tuples(items, st.integers(1, 6), mostly.map(lambda plain: not plain))
baskets = st.lists(lines, min_size=2, max_size=6)


def some_basket(draw: Random) -> list[tuple[str, int, bool]]:
    every = [*milks, *sorted(FAVOURITES)]
    some = draw.sample(every, draw.randint(1, 6)) + draw.sample(every, draw.randint(0, 1))
    some += STAND_INS if draw.random() < 0.4 else ()
    return [(item, draw.choice([1, 1, 1, 2, 5]), draw.random() < 0.1) for item in some]


# How often each act happens in a busy day.
BUSY = {
    "a_till_redeems_a_basket": 4,
    "a_till_holds": 5,
    "a_till_redeems_a_session": 4,
    "a_till_gives_up": 1,
    "goods_come_back": 5,
    "a_customer_activates": 4,
    "a_customer_puts_back": 1,
    "a_customer_picks": 1,
    "a_customer_claims": 4,
    "a_customer_draws_anew": 2,
    "a_customer_swaps": 2,
    "time_passes": 3,
    "the_shop_tells_stock": 3,
    "a_night": 1,
}
SALE: dict[str, Callable[[Random], Any]] = {
    "customer": lambda draw: draw.choice(EVERYBODY),
    "basket": some_basket,
    "till": lambda draw: draw.choice("123"),
}
KEY: dict[str, Callable[[Random], Any]] = {"key": lambda draw: draw.choice(["basket-1", "basket-2"])}
OFFER: dict[str, Callable[[Random], Any]] = {
    "customer": lambda draw: draw.choice(EVERYBODY),
    "number": lambda draw: draw.randrange(ITEMS),
}
DRAWN: dict[str, dict[str, Callable[[Random], Any]]] = {
    "a_till_redeems_a_basket": SALE,
    "a_till_holds": SALE | KEY,
    "a_till_redeems_a_session": KEY,
    "a_till_gives_up": KEY,
    "goods_come_back": {
        "which": lambda draw: draw.randrange(10),
        "places": lambda draw: draw.choice([None, {0}, {1}, {0, 1}]),
    },
    "a_customer_activates": OFFER,
    "a_customer_puts_back": OFFER,
    "a_customer_picks": {
        "customer": lambda draw: draw.choice(EVERYBODY),
        "item": lambda draw: draw.choice(sorted(FAVOURITES)),
    },
    "a_customer_claims": {"customer": lambda draw: draw.choice(CUSTOMERS)},
    "a_customer_draws_anew": {
        "customer": lambda draw: draw.choice(CUSTOMERS),
        "stale": lambda draw: draw.random() < 0.1,
    },
    "a_customer_swaps": OFFER,
    "time_passes": {"after": lambda draw: draw.choice([1, 1, 6, 61, 60 * 6])},
    "the_shop_tells_stock": {
        "item": lambda draw: draw.choice([*milks[:ITEMS] * 3, *STAND_INS]),
        "gone": lambda draw: draw.random() < 0.6,
    },
    "a_night": {
        "days": lambda draw: draw.randint(1, 3),
        "automatic": lambda draw: draw.random() < 0.6,
    },
}
