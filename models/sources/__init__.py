"""Sources: a shop's files become checked, customer-bucketed Parquet in the workspace.

Imports `tables`, `checks` and `errors`, nothing else of ours. Read in this order: `declaration` (what
tables.toml says), `columns` (how each input column is read, so that a bad value costs a row and not the
load), `files` (which files there are and what they hold), `stored` (the finished load on disk: `Data`,
`open_data`), `publish` (one load becomes the current one, or nothing changes), `loading` (the passes).
"""

from models.sources.declaration import Declaration, read_declaration
from models.sources.loading import load
from models.sources.stored import Data, LoadSummary, open_data, open_load

__all__ = ["Data", "Declaration", "LoadSummary", "load", "open_data", "open_load", "read_declaration"]
