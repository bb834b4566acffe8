"""Which regular families a customer has stopped buying: the names behind the number `dropped_families`."""

import duckdb

from models.features.bucket_history import read_sql
from models.features.catalogue import Catalogue

# Two names are read at a glance.
MOST = 2


def read_dropped(history: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> dict[int, tuple[str, ...]]:
    """The names of up to MOST dropped families by customer_no, most bought first; who dropped none is missing.

    Args:
        history: an `open_history` connection.
        catalogue: the one that it was opened with.
    """
    fine_no = catalogue.items["fine_no"].tolist()
    names = dict(zip(fine_no, catalogue.finest_families, strict=True))
    found: dict[int, tuple[str, ...]] = {}
    for customer_no, family in history.execute(read_sql("dropped.sql"), {"most": MOST}).fetchall():
        name = names.get(family)
        if name is not None:
            found[customer_no] = (*found.get(customer_no, ()), name)
    return found
