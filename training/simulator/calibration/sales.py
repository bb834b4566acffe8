"""One year of a shop's sales as the table that calibration measures: the same columns of a real and a simulated shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

import duckdb
import pandas as pd

from models.features.bucket_history import quoted
from models.ground.errors import BadInput
from models.sources import Data
from models.sources.stored.netting import make_standing

YEAR_DAYS = 364  # whole weeks, so that every weekday counts 52 times

SALES_COLUMNS = (
    "customer",  # a number
    "day",  # 0 is the first day with a purchase
    "product",  # a number
    "family",  # its second family level (Complete Journey's category), null where it has none
    "quantity_milli",
    "paid_minor",
    "discount_minor",
)


def sales_of(data: Data) -> pd.DataFrame:
    """What a loaded shop sold in its first year: SALES_COLUMNS, merchandise only, less what was ever returned.

    Raises:
        BadInput: the shop's purchases span less than a year.
    """
    parts = []
    for bucket in range(data.buckets):
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET timezone = 'UTC'")
            make_standing(connection, data.purchases(bucket), "true")
            parts.append(
                connection.execute(
                    f"""
                    SELECT
                        customer_no * {data.buckets} + {bucket} AS customer,
                        date_diff('day', DATE '{min(data.days()).isoformat()}', local_day)::INTEGER AS day,
                        product_no AS product, coalesce(family_2, family_1) AS family,
                        quantity_milli, paid_minor, discount_minor
                    FROM standing
                    JOIN read_parquet('{quoted(data.products)}') AS products USING (product_no)
                    WHERE merchandise
                    """
                ).df()
            )
    frame = pd.concat(parts, ignore_index=True)
    return checked_year(frame, str(data.folder))


def checked_year(sales: pd.DataFrame, whose: str) -> pd.DataFrame:
    """The lines of the first YEAR_DAYS days.

    Args:
        sales: SALES_COLUMNS; `day` counts from any day on.
        whose: named where the year is too short.

    Raises:
        BadInput: the purchases span less than a year.
    """
    days = sales["day"] - sales["day"].min() if len(sales) else sales["day"]
    spanned = int(days.max()) + 1 if len(sales) else 0
    if spanned < YEAR_DAYS:
        raise BadInput(
            f"Calibration compares a year of sales ({YEAR_DAYS} days); {whose} has purchases on {spanned} days' span."
        )
    return sales.assign(day=days)[days < YEAR_DAYS].reset_index(drop=True)


@contextmanager
def opened(sales: pd.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """The year in DuckDB, as the views of `sales.sql`: sales, visits, baskets, product_weeks, steady_products."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("sales", sales)
        connection.execute(resources.files(__package__).joinpath("sales.sql").read_text(encoding="utf-8"))
        yield connection
