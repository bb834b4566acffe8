"""A table as a frame: its columns in its order and in the pandas types that its DuckDB types stand for."""

from collections.abc import Collection

import pandas as pd

from models.tables.column import Table

_PANDAS = {
    "VARCHAR": "str",
    "BIGINT": "int64",
    "DOUBLE": "float64",
    "BOOLEAN": "bool",
    "DATE": "datetime64[ms]",
    "TIMESTAMPTZ": "datetime64[us, UTC]",
}
_WHOLE_OR_NULL = "Int64"


def typed(frame: pd.DataFrame, table: Table, *, nullable: Collection[str] = ()) -> pd.DataFrame:
    """Return the table's columns in its order and types, so that an empty file reads like any other.

    Args:
        frame: with all columns of the table, and maybe others.
        table: what the frame becomes.
        nullable: whole-number columns that may hold nothing.
    """
    types = {
        one.name: _WHOLE_OR_NULL if one.name in nullable else _PANDAS[one.sql_type] for one in table.columns
    }
    return frame[list(table.names)].astype(types)
