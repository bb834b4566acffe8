"""The boundary of night and day: what was offered, to whom, until when, and what came of it.

Imports `domain` and `models.ground`. A night stages its bundles under a run that no reader sees, then one transaction
publishes it. Every table is defined once in SQLAlchemy Core and created by the migrations shipped here. Read `schema`
(the tables, area by area), `database` (opening, transactions, errors), `access` (keys, remembered answers, audit,
erasure), `nights` (runs, bundles, publishing, what a login reads), `choices` (what customers choose and tell), `grants`
(money given without a condition), `checkout` (tills), `log` (events, and the rows of exports).
"""

from engine.store.database.opening import open_store, store_file
from engine.store.database.store import Store

__all__ = ["Store", "open_store", "store_file"]
