"""Sources: a shop's files or database become checked, customer-bucketed Parquet in the workspace.

Imports `tables`, `checks`, `durable`, `locks` and `errors`, nothing else of ours. Read in this order: `vocabulary`
and `declaration` (what tables.toml says), `files`, `staging`, `database` and `opening` (how tables of any kind become
relations that DuckDB reads), `columns` (how each input column is read, so that a bad value costs a row and not the
load), `stored` (the finished load on disk: `Data`, `open_data`), `publish` (one load becomes the current one, or
nothing changes), `dictionaries` and `lines` (the passes), `delivery` (what is added to a load), `quarantine`,
`loading` (a load from beginning to end), `report` (what a load would do).
"""

from models.sources.declaration import Declaration, read_declaration
from models.sources.loading import load
from models.sources.stored import Data, LoadSummary, open_data, open_load

__all__ = ["Data", "Declaration", "LoadSummary", "load", "open_data", "open_load", "read_declaration"]
