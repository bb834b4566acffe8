"""A chain's plan for three products, written out, as the stored table and as what is known of it at a moment."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from models.features.catalogue import build_catalogue
from models.features.promoted_weeks import PromotedWeeks, read_promoted_weeks
from models.ground.moment import Moment
from models.tables import STORED_PROMOTIONS
from tests.models.literal import shelf

MONDAY = Moment(datetime(2024, 4, 8, tzinfo=UTC), "UTC")
GOODS = shelf(
    ("milk", ("DAIRY", "MILK"), 100, ""),
    ("cream", ("DAIRY", "MILK"), 200, ""),
    ("bread", ("BAKERY", "BREAD"), 300, ""),
)
MILK, CREAM, BREAD = 0, 1, 2
# Product, store, first and last day, promoted price, what is off it, in the mailer, on display.
Promotion = tuple[int, str | None, date, date, int | None, int | None, bool, bool]


def april(day: int) -> date:
    return date(2024, 4, day)


def write_promotions(path: Path, *rows: Promotion) -> Path:
    frame = pd.DataFrame(list(rows), columns=list(STORED_PROMOTIONS.names))
    kinds = {"product_no": "int32", "store_id": "str", "price_minor": "Int64", "discount_minor": "Int64"}
    frame.astype(kinds).to_parquet(path, index=False)
    return path


def weeks(folder: Path, *rows: Promotion, level: str = "product", moment: Moment = MONDAY) -> PromotedWeeks:
    catalogue = build_catalogue(GOODS, level)
    prices = catalogue.items["price_minor"].to_numpy(dtype=np.float64)
    return read_promoted_weeks(
        write_promotions(folder / "promotions.parquet", *rows), catalogue, moment, prices
    )
