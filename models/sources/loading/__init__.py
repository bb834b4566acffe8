"""One load from beginning to end: every line typed, judged, put into its customer's bucket, counted.

Imports `reading`, `stored`, `ground` and `tables`. Read `load` (the whole), `load_under_way` (what its steps share) on
`load_connection` (DuckDB, and its errors in words), `dictionaries` (products, customers and answers get numbers) with
`customer_consent` (who may be addressed), `product_vat` (what price and cost include of VAT), `lost_columns` (what was
known and a table lacks), `purchase_lines` (the one pass over all lines) with `business_day` on `local_day_sql` (to
which day a line belongs), `line_identity` (which lines are the same), `odd_lines` on `plausible_days` (which lines
cannot be) and `odd_money` (which are odd and stay), `promotion_rows` (what is promoted for everybody), `funding_rows`
(what suppliers pay), `spelled_alike` (what only spelling parts), `parted_cards` (merged ones that changed their owner),
`nobodys_lines` (sold without a card, or under an id that many share), `delivery_plan` and `delivery` (what an append
replaces, and how), `replaced_lines` (what went), `unmatched_returns` (what took nothing back), `doubtful_goods` (what
looks like no merchandise), `quarantine` (the bad rows), `bad_row_samples` (one of each to look at), `load_summary` (the
load in numbers), `load_check` on `suspicious_days` (what a load would do, without doing it).
"""
