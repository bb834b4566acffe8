"""Generated in the shape of UCI Online Retail: a gift shop that sells by post, mostly to wholesalers, for one year.

Nothing in it is data of that shop. As there, cancellations are invoices with a C and negative quantities, a quarter of the
lines name no customer, postage and discounts are lines, some prices are 0, autumn sells three times as much as spring and
some products sell before Christmas only, quantities have heavy tails, and products have no families.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FIRST_DAY = pd.Timestamp("2010-12-01")
DAYS = 373
# Orders a day by month, January first; the shop is closed around New Year.
SEASON = np.array([0.7, 0.7, 0.9, 0.85, 1.0, 0.95, 0.95, 0.95, 1.4, 1.6, 2.1, 1.3])
CHRISTMAS_MONTHS = (9, 10, 11, 12)


@dataclass(frozen=True)
class Catalogue:
    """Products by number: how much each is liked, its price, and which sell before Christmas only; all shape (products,)."""

    liked: np.ndarray
    price: np.ndarray
    christmas: np.ndarray


def write_wholesaler(folder: Path, *, customers: int, products: int, seed: int) -> None:
    """Write purchases.csv and products.csv as the shop's invoices have them."""
    rng = np.random.default_rng(seed)
    catalogue = Catalogue(
        rng.permutation(1.0 / np.arange(8, products + 8) ** 0.7),
        np.round(rng.lognormal(0.7, 0.8, products) + 0.2, 2),
        rng.random(products) < 0.12,
    )
    lines = pd.concat([_ordered(rng, catalogue, customers), _without_customer(rng, catalogue, customers)])
    lines = pd.concat([lines, _cancelled(rng, lines), _postage(rng, lines)], ignore_index=True)
    lines.loc[rng.random(len(lines)) < 0.004, "UnitPrice"] = 0.0
    lines["Amount"] = (lines["UnitPrice"] * lines["Quantity"]).round(2)
    lines = lines.sort_values(["InvoiceDate", "InvoiceNo"], kind="stable")
    folder.mkdir(parents=True, exist_ok=True)
    lines.to_csv(folder / "purchases.csv", index=False)
    names = [f"GIFT {number}" for number in range(products)] + ["POSTAGE", "Discount", "Manual"]
    codes = [_code(number) for number in range(products)] + ["POST", "D", "M"]
    pd.DataFrame({"StockCode": codes, "Description": names}).to_csv(folder / "products.csv", index=False)


def _code(number: int) -> str:
    return str(20_000 + number)


def _ordered(rng: np.random.Generator, catalogue: Catalogue, customers: int) -> pd.DataFrame:
    """Lines of known customers: some come every fortnight all year, most a few times, many once."""
    wholesale = rng.random(customers) < 0.12
    rate = np.where(
        wholesale, rng.lognormal(-3.0, 0.5, customers), rng.lognormal(-4.6, 0.8, customers)
    )  # orders a day
    parts = []
    for customer in range(customers):
        # who has once been a customer may leave: after a year a third has
        first, last = rng.integers(-200, DAYS - 10), rng.exponential(900.0)
        expected = rate[customer] * _of_the_season(np.arange(DAYS))
        days = np.flatnonzero(rng.poisson(expected)) if rate[customer] > 0 else np.zeros(0, int)
        days = np.unique(np.append(days, max(first, 0) if first > 0 else days[:0]))
        days = days[(days >= first) & (days < first + last)]
        if not len(days):
            continue
        own = rng.choice(
            len(catalogue.liked),
            size=min(120, len(catalogue.liked)),
            replace=False,
            p=_shares(catalogue.liked),
        )
        taste = rng.exponential(1.0, len(own)) ** 2
        named = str(12_346 + customer)
        parts += [
            _order(rng, catalogue, int(day), wholesale[customer], own, taste).assign(CustomerID=named)
            for day in days
        ]
    return _numbered(parts, 536_365)


def _without_customer(rng: np.random.Generator, catalogue: Catalogue, customers: int) -> pd.DataFrame:
    """A third as many lines as customers have: what was sold at fairs and by telephone."""
    everything = np.arange(len(catalogue.liked))
    share = _shares(_of_the_season(np.arange(DAYS)))
    days = rng.choice(DAYS, size=customers * 2, p=share)
    parts = [
        _order(rng, catalogue, int(day), wholesale=False, own=everything, taste=catalogue.liked).assign(
            CustomerID=""
        )
        for day in np.sort(days)
    ]
    return _numbered(parts, 700_000)


def _order(
    rng: np.random.Generator,
    catalogue: Catalogue,
    day: int,
    wholesale: bool,
    own: np.ndarray,
    taste: np.ndarray,
) -> pd.DataFrame:
    at = FIRST_DAY + pd.Timedelta(days=day, minutes=int(rng.integers(8 * 60, 18 * 60)))
    wanted = int(np.clip(rng.lognormal(2.9 if wholesale else 2.3, 0.8), 1, 200))
    mine = rng.binomial(wanted, 0.55)
    chosen = np.unique(
        np.concatenate(
            [
                rng.choice(own, size=mine, p=_shares(taste)),
                rng.choice(len(catalogue.liked), size=wanted - mine, p=_shares(catalogue.liked)),
            ]
        )
    )
    if at.month not in CHRISTMAS_MONTHS:
        chosen = chosen[~catalogue.christmas[chosen]]
    pieces = rng.lognormal(2.6 if wholesale else 1.2, 1.1, len(chosen)).astype(int) + 1
    return pd.DataFrame(
        {
            "StockCode": [_code(number) for number in chosen],
            "Quantity": pieces,
            "InvoiceDate": at.strftime("%Y-%m-%d %H:%M"),
            "UnitPrice": np.round(catalogue.price[chosen] * (0.85 if wholesale else 1.0), 2),
        }
    )


def _numbered(orders: list[pd.DataFrame], first: int) -> pd.DataFrame:
    lines = pd.concat(orders, keys=range(first, first + len(orders)), names=["InvoiceNo"])
    lines = lines.reset_index(level="InvoiceNo").reset_index(drop=True)
    return lines.astype({"InvoiceNo": "str"})


def _cancelled(rng: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """One line in fifty is cancelled within three weeks, half of them in part."""
    taken = lines[rng.random(len(lines)) < 0.02]
    later = pd.to_datetime(taken["InvoiceDate"]) + pd.to_timedelta(
        rng.integers(1, 21 * 24, len(taken)), unit="h"
    )
    part = np.where(rng.random(len(taken)) < 0.5, 1.0, rng.random(len(taken)))
    return taken.assign(
        InvoiceNo="C" + taken["InvoiceNo"],
        InvoiceDate=later.dt.strftime("%Y-%m-%d %H:%M"),
        Quantity=-np.maximum((taken["Quantity"] * part).astype(int), 1),
    )


def _postage(rng: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """Postage on a tenth of the invoices, a discount or something written by hand on a few."""
    invoices = lines.drop_duplicates("InvoiceNo")
    posted = invoices[rng.random(len(invoices)) < 0.1].assign(StockCode="POST", Quantity=1, UnitPrice=18.0)
    by_hand = invoices[rng.random(len(invoices)) < 0.02].assign(StockCode="M", Quantity=1, UnitPrice=9.5)
    reduced = invoices[rng.random(len(invoices)) < 0.005].assign(StockCode="D", Quantity=-1, UnitPrice=12.0)
    return pd.concat([posted, by_hand, reduced])


def _of_the_season(days: np.ndarray) -> np.ndarray:
    month = (FIRST_DAY + pd.to_timedelta(days, unit="D")).month.to_numpy()
    return np.asarray(SEASON[month - 1])


def _shares(weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights / weights.sum())
