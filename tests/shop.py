"""A tiny shop for tests: customers with their own weekly rhythm, favourite products, prices and flags."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

TABLES_TOML = """\
timezone = "UTC"
currency = "EUR"
money = "minor"
quantity = "milli"
unit = "piece"
tax = "included"
max_bad_share = 0.0
"""
DEPARTMENTS = ("DAIRY", "BAKERY", "FRUIT", "DRINKS")


def write_shop(folder: Path, *, customers: int, products: int, days: int, seed: int, last_day: date) -> None:
    """Write purchases, products, customers and tables.toml of a seeded shop into `folder`.

    Purchases cover the `days` local days up to and including `last_day`. Every customer has a usual gap of
    3 to 14 days and about eight favourite products; a fifth of the customers stops in the last third. The
    last two products are fuel and a coupon, every tenth is alcohol, every seventh has no price, every second
    has a cost. Product ids are p000, p001, ..., customer ids c000, c001, ...
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
    shelf = _products(products, rng)
    shelf.drop(columns="shelf_price").to_parquet(folder / "products.parquet", index=False)
    ids = [f"c{n:03d}" for n in range(customers)]
    pd.DataFrame({"customer_id": ids, "consent": True}).to_parquet(folder / "customers.parquet", index=False)
    lines = [line for number in range(customers) for line in _lines(number, shelf, days, last_day, rng)]
    frame = pd.DataFrame(lines).sort_values(["purchased_at", "basket_id", "line_no"])
    frame.to_parquet(folder / "purchases.parquet", index=False)


def _products(products: int, rng: np.random.Generator) -> pd.DataFrame:
    numbers = np.arange(products)
    price = rng.integers(49, 999, size=products)
    flags = ["alcohol" if n % 10 == 9 else "" for n in range(products - 2)]
    flags += ["fuel;not_offered", "coupon;not_offered"]
    return pd.DataFrame(
        {
            "product_id": [f"p{n:03d}" for n in numbers],
            "name": [f"Product {n}" for n in numbers],
            "family_1": [DEPARTMENTS[n % len(DEPARTMENTS)] for n in numbers],
            "family_2": [f"{DEPARTMENTS[n % len(DEPARTMENTS)]} {n % 8}" for n in numbers],
            "family_3": [f"{DEPARTMENTS[n % len(DEPARTMENTS)]} {n % 16}" for n in numbers],
            "price": pd.Series(price, dtype="Int64").mask(numbers % 7 == 6),
            "cost": pd.Series(price * 7 // 10, dtype="Int64").where(numbers % 2 == 0),
            "flags": flags,
            "shelf_price": price,
        }
    )


def _lines(
    number: int, shelf: pd.DataFrame, days: int, last_day: date, rng: np.random.Generator
) -> list[dict[str, object]]:
    usual_gap = int(rng.integers(3, 15))
    favourites = rng.choice(len(shelf), size=min(8, len(shelf)), replace=False)
    end = days * 2 // 3 if rng.random() < 0.2 else days
    first = pd.Timestamp(last_day, tz="UTC") - pd.Timedelta(days=days - 1)
    lines: list[dict[str, object]] = []
    day = int(rng.integers(0, usual_gap))
    while day < end:
        at = first + pd.Timedelta(days=day, minutes=int(rng.integers(8 * 60, 20 * 60)))
        known = rng.choice(favourites, size=min(4, len(favourites)), replace=False)
        basket = np.unique(np.append(known, rng.integers(0, len(shelf))))
        for line_no, product in enumerate(basket, start=1):
            pieces = int(rng.integers(1, 4))
            full = pieces * int(shelf["shelf_price"].iloc[product])
            discount = full // 5 if rng.random() < 0.2 else 0
            lines.append(
                {
                    "customer_id": f"c{number:03d}",
                    "basket_id": f"b{number:03d}-{day}",
                    "line_no": line_no,
                    "purchased_at": at,
                    "product_id": shelf["product_id"].iloc[product],
                    "quantity_milli": pieces * 1000,
                    "unit": "piece",
                    "paid": full - discount,
                    "discount": discount,
                    "store_id": f"s{number % 3}",
                }
            )
        day += max(1, int(rng.normal(usual_gap, 1.5)))
    return lines
