import pandas as pd

from models.tables import Column, Table
from models.tables.typed_frames import typed

PRICES = Table(
    "prices",
    (
        Column("product_id", "VARCHAR", "which"),
        Column("price_minor", "BIGINT", "price, or null"),
        Column("buys", "BIGINT", "how often it was bought"),
        Column("seen_at", "TIMESTAMPTZ", "when"),
    ),
)


def test_a_frame_gets_the_columns_of_its_table_in_order_and_type() -> None:
    frame = pd.DataFrame(
        {
            "buys": [2.0],
            "seen_at": [pd.Timestamp("2017-12-04T03:00Z")],
            "price_minor": [None],
            "product_id": ["p1"],
            "not_of_the_table": [1],
        }
    )
    found = typed(frame, PRICES, nullable={"price_minor"})
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "product_id": "str",
        "price_minor": "Int64",
        "buys": "int64",
        "seen_at": "datetime64[us, UTC]",
    }
    assert found["price_minor"].isna().all()


def test_an_empty_frame_has_the_types_of_a_full_one() -> None:
    full = pd.DataFrame(
        {
            "product_id": ["p1"],
            "price_minor": [1],
            "buys": [1],
            "seen_at": [pd.Timestamp("2017-12-04T03:00Z")],
        }
    )
    assert typed(full[:0], PRICES).dtypes.tolist() == typed(full, PRICES).dtypes.tolist()
