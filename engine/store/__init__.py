"""The boundary of night and day: what was offered, to whom, until when, and what came of it.

Imports `domain` only. A night stages its bundles under a run that no reader sees, then one transaction
publishes it. Every table is defined once in SQLAlchemy Core and created by the migrations shipped here.
Read `schema` first (the tables, area by area, and when a bundle counts), then `connect` (transactions, errors) and `opening`
(`sqlite` and `postgresql` hold what differs, `migrating` brings the schema up to date), `runs` (begin, find,
withdraw), `bundles` and `shelf` (what the night writes and asks), `publishing` (the switch), `views` (what a login
reads) and `bodies` (how the day writes it again), `favourites` and `activation` (what a customer chooses), `deals`,
`receipts`, `sessions` and `redemptions` (the till), `contacts` (what was found
out about customers), `ledger` (the rows of an export), `retention` and `backup` (what is removed and what is kept safe).
"""

from engine.store.connect import Store
from engine.store.opening import open_store, store_file

__all__ = ["Store", "open_store", "store_file"]
