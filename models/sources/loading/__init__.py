"""One load from beginning to end: every line typed, judged, put into its customer's bucket, counted.

Imports `reading` and `stored`. Read `load` (the whole), `load_under_way` (what its steps share), `dictionaries`
(products, customers and answers get numbers), `purchase_lines` with `local_day_sql` (the one pass over all lines),
`delivery` (what is appended to a load), `quarantine` (the bad rows), `load_summary` (the load in numbers), `load_check`
(what a load would do, without doing it).
"""
