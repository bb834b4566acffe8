"""A shop's files or database become checked, customer-bucketed Parquet in the workspace.

Imports `ground` and `tables`. Read in this order: `reading` (what tables.toml declares, and how tables of any kind
become typed relations), `proposing` (what a declaration could say), `stored` (a finished load on disk, and which one is
current), `loading` (a load from beginning to end). Others use what this package exports: `load`, `open_data`, `Data`.
"""

from models.sources.loading.load import load
from models.sources.reading.declaration import Declaration, read_declaration
from models.sources.stored.finished_load import Data, LoadSummary, open_data, open_load

__all__ = ["Data", "Declaration", "LoadSummary", "load", "open_data", "open_load", "read_declaration"]
