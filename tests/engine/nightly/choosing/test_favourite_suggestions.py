import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine.nightly.choosing.bucket_plan import EVERYBODY_TREATED
from engine.nightly.choosing.favourite_suggestions import (
    NOBODY,
    Pickable,
    find_pickable,
    suggest,
    without_favourites,
)
from engine.nightly.shelf.products import product_rows, published_rows
from models.features.catalogue import build_catalogue
from tests.engine.nightly.bucket import candidates, night, programme

BREAD = ["Rye", "Rye", "Toast", "Wine", "Fuel", "Cake"]


def stored(**columns: Any) -> pd.DataFrame:
    """Six products p0 .. p5 as a load stores them: bread, a wine, fuel, and a cake that is sold out."""
    flags = ["", "", "", "alcohol", "fuel", ""]
    frame = pd.DataFrame(
        {
            "product_no": np.arange(6, dtype=np.int32),
            "product_id": [f"p{number}" for number in range(6)],
            "name": BREAD,
            "family_1": ["FOOD", "FOOD", "FOOD", "DRINKS", "CAR", "FOOD"],
            "family_2": ["BREAD", "BREAD", "BREAD", "WINE", None, "CAKE"],
            "family_3": None,
            "family_4": None,
            "brand": None,
            "price_minor": pd.array([200, 210, None, 500, 150, 300], dtype="Int64"),
            "cost_minor": pd.array([100, None, None, None, None, None], dtype="Int64"),
            "introduced_on": None,
            "stock": pd.array([5, None, None, None, None, 0], dtype="Int64"),
            "flags": flags,
            "merchandise": [flag != "fuel" for flag in flags],
        }
    )
    return frame.assign(**columns)


def pickable(level: str = "product", buyers: tuple[float, ...] = (3, 9, 5, 50, 0, 8)) -> Pickable:
    products = stored()
    by_product = build_catalogue(products, "product")
    prices = np.array([200, 210, 250, 500, 300], dtype=np.float64)
    rows = product_rows(products, by_product, prices)
    catalogue = build_catalogue(products, level)
    item_no = catalogue.product_items.set_index("product_no")["item_no"]
    return find_pickable(rows, item_no, pd.Series(buyers), len(catalogue), night())


def people(*consents: bool | None) -> pd.DataFrame:
    numbers = range(len(consents))
    return pd.DataFrame(
        {
            "customer_no": np.array(numbers, dtype=np.int32),
            "customer_id": [f"c{number}" for number in numbers],
            "consent": pd.Series(consents, dtype=object),
        }
    )


def advised(
    rules: Any,
    who: pd.DataFrame,
    seen: list[int],
    items: list[int],
    arms: Mapping[str, str] = EVERYBODY_TREATED,
) -> dict[str, Any]:
    scored = candidates([0.5] * len(items), item_no=np.array(items, dtype=np.int32))
    found = suggest(night(rules), who, pd.Series(seen), scored, pickable(), arms=arms)
    return {row.customer_id: json.loads(row.items) for row in found.itertuples()}


def test_goods_carry_the_price_that_the_night_worked_with() -> None:
    products = stored()
    rows = product_rows(products, build_catalogue(products, "product"), np.array([200, 210, 249.6, 500, 300]))
    assert rows["price_minor"].tolist() == [200, 210, 250, 500, 150, 300]
    cake = list(published_rows(rows))[5].product
    assert (cake.id, cake.families, cake.flags, cake.price_minor, cake.cost_minor, cake.stock) == (
        "p5",
        ("FOOD", "CAKE"),
        frozenset(),
        300,
        None,
        0,
    )


def test_what_most_customers_bought_is_popular_without_what_nobody_may_pick() -> None:
    # Wine is alcohol, fuel is no goods, the cake is sold out; of two products called Rye the more popular one.
    assert pickable().popular == ("p1", "p2")


def test_what_nobody_bought_is_not_popular() -> None:
    assert pickable(buyers=(0, 0, 1, 0, 0, 0)).popular == ("p2",)


def test_of_a_family_its_most_popular_product_is_suggested() -> None:
    by_family = pickable("family_2")
    assert by_family.product_id.tolist() == ["p1", None, None]  # BREAD, CAKE, WINE


def test_a_customer_is_advised_what_they_are_likeliest_to_buy() -> None:
    assert advised(programme(), people(None), [0], [2, 3, 1, 0, 4]) == {"c0": ["p2", "p1"]}


def test_no_more_is_suggested_than_the_programme_says() -> None:
    few = programme(("suggestions = 12", "suggestions = 1"))
    assert advised(few, people(None), [0], [2, 1]) == {"c0": ["p2"]}


def test_who_was_not_seen_is_new_to_the_day_and_who_refused_is_advised_nothing() -> None:
    assert advised(programme(), people(None, None, False, False), [0, 2], [2]) == {
        "c0": ["p2"],
        "c2": json.loads(NOBODY),
        "c3": json.loads(NOBODY),
    }


def test_where_consent_is_required_only_those_who_gave_it_have_a_list() -> None:
    asking = programme(('rule = "unless_refused"', 'rule = "required"'))
    assert advised(asking, people(True, None, True, False), [0, 1], [2]) == {
        "c0": ["p2"],
        "c2": [],
        "c3": None,
    }


def test_the_holdout_has_no_list_where_it_covers_the_favourite() -> None:
    held_out = {"c0": "treated", "c1": "holdout"}
    assert advised(programme(), people(None, None), [0, 1], [2], held_out) == {"c0": ["p2"]}
    only_bundle = programme(('"bundle", "favourite"', '"bundle"'))
    assert set(advised(only_bundle, people(None, None), [0, 1], [2], held_out)) == {"c0", "c1"}


def test_a_favourite_takes_no_place_in_the_bundle_of_its_customer() -> None:
    scored = candidates([0.9, 0.8, 0.7], customer_no=np.array([0, 0, 1], dtype=np.int32))
    scored["item_no"] = np.array([0, 1, 0], dtype=np.int32)
    favourites = pd.DataFrame({"customer_id": ["c0"], "item_id": ["p0"]})
    kept = without_favourites(scored, people(None, None), np.array(["p0", "p1"], dtype=object), favourites)
    assert kept[["customer_no", "item_no"]].to_numpy().tolist() == [[0, 1], [1, 0]]


def test_without_favourites_nothing_is_dropped() -> None:
    scored = candidates([0.9])
    nobody = pd.DataFrame({"customer_id": pd.Series(dtype="str"), "item_id": pd.Series(dtype="str")})
    assert without_favourites(scored, people(None), np.array(["p0"], dtype=object), nobody).equals(scored)
