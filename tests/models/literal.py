"""Written-out shops and feature rows, as the stored tables and matrices that models read."""

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from models.features.catalogue import Catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.item_statistics import ItemPart, merge_parts
from models.features.recipe import CUSTOMER_FEATURES, PAIR_FEATURES
from models.ground.moment import Moment
from models.scoring import ShopAt, bucket_item_part
from models.tables import FAMILY_LEVELS, NOT_MERCHANDISE_FLAGS

# (customer_no, product_no, UTC time, pieces, paid_minor, discount_minor)
Line = tuple[int, int, str, int, int, int]


def shelf(*rows: tuple[str, tuple[str, ...], int | None, str]) -> pd.DataFrame:
    """Stored products from (product_id, families coarsest first, price_minor, flags)."""
    families = [dict(zip(FAMILY_LEVELS, row[1], strict=False)) for row in rows]
    flags = [row[3] for row in rows]
    return pd.DataFrame(
        {
            "product_no": np.arange(len(rows), dtype=np.int32),
            "product_id": [row[0] for row in rows],
            "name": [row[0].title() for row in rows],
            **{
                level: pd.Series([family.get(level) for family in families], dtype="str")
                for level in FAMILY_LEVELS
            },
            "price_minor": pd.Series([row[2] for row in rows], dtype="Int64"),
            "cost_minor": pd.Series([None] * len(rows), dtype="Int64"),
            "introduced_on": pd.Series([None] * len(rows), dtype="datetime64[s]"),
            "flags": flags,
            "merchandise": [not set(entry.split(";")) & set(NOT_MERCHANDISE_FLAGS) for entry in flags],
        }
    )


def purchases(path: Path, lines: list[Line], timezone: str = "UTC") -> Path:
    """A bucket's stored purchases."""
    at = pd.to_datetime([line[2] for line in lines], utc=True).as_unit("us")
    frame = pd.DataFrame(
        {
            "customer_no": np.array([line[0] for line in lines], dtype=np.int32),
            "product_no": np.array([line[1] for line in lines], dtype=np.int32),
            "basket_id": [f"b{place}" for place in range(len(lines))],
            "purchased_at": at,
            "local_day": at.tz_convert(ZoneInfo(timezone)).date,
            "quantity_milli": np.array([line[3] * 1000 for line in lines], dtype=np.int64),
            "unit": "piece",
            "paid_minor": np.array([line[4] for line in lines], dtype=np.int64),
            "discount_minor": np.array([line[5] for line in lines], dtype=np.int64),
            "store_id": None,
        }
    )
    frame.to_parquet(path, index=False)
    return path


def named_customers(path: Path, *customer_no: int) -> Path:
    """A bucket's stored customers, as far as ids go: customer 3 is c3."""
    frame = pd.DataFrame({"customer_no": np.array(customer_no, dtype=np.int32)})
    frame.assign(customer_id=[f"c{number}" for number in customer_no]).to_parquet(path, index=False)
    return path


def shop_at(files: list[Path], catalogue: Catalogue, moment: Moment) -> ShopAt:
    """The shop just before a moment, everything offerable."""
    parts: list[ItemPart] = [bucket_item_part(file, catalogue, moment) for file in files]
    return ShopAt(moment, catalogue, merge_parts(catalogue, parts), np.ones(len(catalogue), dtype=bool))


def pair_rows(rows: int, **columns: object) -> FeatureMatrix:
    """Pair features of so many rows; what is not given is unknown."""
    keys = {"customer_no": np.arange(rows), "item_no": np.arange(rows), "sources": 1}
    return _rows(PAIR_FEATURES, pd.DataFrame(keys, index=range(rows)), columns)


def customer_rows(rows: int, **columns: object) -> FeatureMatrix:
    """Customer features of so many rows; what is not given is unknown."""
    return _rows(CUSTOMER_FEATURES, pd.DataFrame({"customer_no": np.arange(rows)}), columns)


def _rows(names: tuple[str, ...], keys: pd.DataFrame, columns: dict[str, object]) -> FeatureMatrix:
    values = np.full((len(keys), len(names)), np.nan, dtype=np.float32)
    for name, column in columns.items():
        values[:, names.index(name)] = column
    return FeatureMatrix(keys, values, names)
