"""One bucket's purchases before a moment, as DuckDB tables that every feature reads."""

from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from models.errors import BadInput
from models.features.catalogue import Catalogue


@dataclass(frozen=True)
class Moment:
    """A moment up to which history is known, and the shop's time zone in which its day is reckoned."""

    as_of: datetime
    timezone: str

    def __post_init__(self) -> None:
        """Refuse a time without zone."""
        if self.as_of.tzinfo is None:
            raise BadInput(
                f"`as_of` must carry a time zone, got {self.as_of.isoformat()}; add an offset or Z."
            )

    @property
    def day(self) -> date:
        """The local day of the moment."""
        return self.as_of.astimezone(ZoneInfo(self.timezone)).date()


def read_sql(name: str, package: str = "models.features") -> str:
    """The text of one of our SQL files."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def open_history(purchases: Path, catalogue: Catalogue, moment: Moment) -> duckdb.DuckDBPyConnection:
    """Read one bucket's purchases strictly before `moment` and derive the tables of `history.sql`.

    One thread a bucket: sums of floats then come out the same on every machine and for any number of
    workers; buckets run side by side instead.
    """
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
    connection.execute("SET timezone = 'UTC'")
    connection.execute(f"CREATE VIEW purchases AS FROM read_parquet('{_quoted(purchases)}')")
    connection.execute(
        "CREATE TABLE moment AS SELECT ?::TIMESTAMPTZ AS as_of, ?::DATE AS as_of_day",
        [moment.as_of.isoformat(), moment.day.isoformat()],
    )
    connection.register("product_items_frame", catalogue.product_items)
    connection.execute("CREATE TABLE product_items AS FROM product_items_frame")
    connection.execute(read_sql("history.sql"))
    return connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
