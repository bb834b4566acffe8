"""Amounts are in the declared currency: a column that names another one is refused, because amounts would be summed."""

import duckdb

from models.ground.errors import BadInput
from models.sources.reading.data_folder import Source, name_of
from models.sources.reading.declaration import Declaration
from models.sources.reading.vocabulary import CURRENCY

NAMED = 10


def refuse_other_currencies(con: duckdb.DuckDBPyConnection, source: Source, declaration: Declaration) -> None:
    """Raise BadInput where the column currency has a word that is not the declared currency, nor declared to be it.

    A line that names none is in the declared one.
    """
    if CURRENCY not in source.columns:
        return
    found = con.execute(f"""SELECT trim(CAST({name_of(CURRENCY)} AS VARCHAR)) AS word, count(*) FROM {source.relation}
        WHERE word <> '' GROUP BY 1 ORDER BY 2 DESC, 1""").fetchall()
    same = {declaration.currency.lower(), *declaration.vocabulary.currencies}
    other = next((word for word, _ in found if word.lower() not in same), None)
    if other is None:
        return
    words = ", ".join(f"{word!r} ({rows:,} {'row' if rows == 1 else 'rows'})" for word, rows in found[:NAMED])
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    values = "1 value" if len(found) == 1 else f"{len(found):,} values"
    called = declaration.vocabulary.of(source.table.name).columns.get(CURRENCY, CURRENCY)
    raise BadInput(
        f"{source.place}: column {called} has {values}: {words}{more}; tables.toml declares currency ="
        f' "{declaration.currency}", and amounts of two currencies cannot be summed. Load each currency into a workspace of its'
        " own, or convert the amounts; if a word means the declared currency, or its amounts are converted already, say so in"
        f' [currencies] of tables.toml: "{other}" = "{declaration.currency}".'
    )
