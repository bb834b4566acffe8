"""A shop of a few written-out lines, for tests that break it in one place."""

from pathlib import Path

import duckdb

DECLARATION = {
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "money": "decimal",
    "quantity": "decimal",
    "unit": "piece",
    "tax": "included",
    "max_bad_share": 0.9,
}
PRODUCTS = """\
product_id,name,family_1,price,flags
milk,Milk 1 l,DAIRY,1.19,
bread,Rye bread,BAKERY,2.49,own_brand
petrol,Petrol,FUEL,1.80,fuel;not_offered
"""
HEADER = "customer_id,basket_id,line_no,purchased_at,product_id,quantity,paid,discount"
GOOD = (
    "anna,b1,1,2024-03-01 10:00:00,milk,2,2.38,0",
    "anna,b1,2,2024-03-01 10:00:00,bread,1,2.29,0.20",
    "ben,b2,1,2024-03-02 23:30:00,milk,1,1.19,0",
)


def write_small_shop(
    folder: Path,
    *,
    lines: tuple[str, ...] = GOOD,
    header: str = HEADER,
    products: str = PRODUCTS,
    **declared: object,
) -> Path:
    """Write purchases.csv, products.csv and tables.toml; keyword arguments change tables.toml, None drops a key."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "purchases.csv").write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    (folder / "products.csv").write_text(products, encoding="utf-8")
    values = {key: value for key, value in {**DECLARATION, **declared}.items() if value is not None}
    text = "\n".join(f'{k} = "{v}"' if isinstance(v, str) else f"{k} = {v}" for k, v in values.items())
    (folder / "tables.toml").write_text(text, encoding="utf-8")
    return folder


def rows(path: Path, columns: str) -> list[tuple[object, ...]]:
    """Rows of a Parquet file in the order in which they lie there."""
    with duckdb.connect() as con:
        return con.execute(f"SELECT {columns} FROM read_parquet(?)", [str(path)]).fetchall()
