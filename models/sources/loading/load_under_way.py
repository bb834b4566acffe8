"""One load under way: what every step of it shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from models.sources.reading.data_folder import Source, quoted
from models.sources.reading.declaration import Declaration
from models.sources.stored.finished_load import Data


@dataclass(frozen=True)
class LoadUnderWay:
    """The connection, the folder a load is built in, the declaration, the sources, and what it is appended to.

    `former` is None where the load replaces everything; `known` is the load in use before, in either case. `today` is
    the day of the load by the shop's calendar, None where nobody says what time it is. `remarks` are sentences about
    lines that the operator should look at.
    """

    con: duckdb.DuckDBPyConnection
    folder: Path
    declaration: Declaration
    sources: Mapping[str, Source]
    former: Data | None = None
    known: Data | None = None
    today: date | None = None
    remarks: tuple[str, ...] = ()

    @property
    def customers_complete(self) -> bool:
        """The customers table was given, and who is not in it is gone."""
        return self.declaration.vocabulary.of("customers").complete and "customers" in self.sources

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for another thread, with the shop's time zone, which a bare cursor would not have."""
        cursor = self.con.cursor()
        cursor.execute(f"SET TimeZone = {quoted(self.declaration.timezone)}")
        return cursor

    def count(self, query: str) -> int:
        """The single number that a query answers."""
        return int(self.con.execute(query).fetchall()[0][0])
