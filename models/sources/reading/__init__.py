"""Where a shop's tables come from, and how each of their columns is read.

Imports `ground` and `tables`; knows nothing of loads. Read `vocabulary`, `declared_vat` and `declaration` (what
tables.toml says), `data_folder` (which files there are), `csv_header` and `csv_staging` (CSV becomes Parquet first),
`csv_lines` (where a row stood), `shop_database` and `postgres_copy` (a database instead of files), `table_sources`
(either way a source), `mangled_ids` and `one_currency` (what would make one of two customers or currencies is refused),
`typed_columns` (a bad value costs a row, not the load).
"""
