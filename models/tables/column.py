"""What a table is: named columns with DuckDB types and a meaning each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its name, DuckDB type, whether a table without it is refused, and what it means."""

    name: str
    sql_type: str
    meaning: str
    required: bool = True


@dataclass(frozen=True)
class Table:
    """A table's name and columns, in the order in which they are written."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is refused."""
        return tuple(column.name for column in self.columns if column.required)
