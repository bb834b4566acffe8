"""What is known about customers, items and their pairs just before a moment `as_of`.

Everything per customer is a plain function of one bucket: `bucket_history` reads the bucket's purchases before `as_of`
into DuckDB tables, `customer.sql` and `pair.sql` aggregate them into features; `item_statistics` merges what the
buckets tell about each item (`item.sql`, `price.sql`) into the shop's item table, whose rows the `catalogue` defines,
`odd_values` keeps one odd price or quantity from moving it, and `lowest_prices` knows what everybody paid at least.
`recipe` names, orders and fingerprints the features; it travels with every model, so that training and the night cannot
differ. Imports `neighbours` and the rooms below. Read `catalogue`, `bucket_history`, the SQL, `item_statistics`,
`feature_matrix`, `recipe`, `own_features` (what other packages give); beside them `promoted_weeks` (what the chain
offers everybody) and the `promotion_features` made of it, `habits` (with `earned.sql`, the one place where a margin is
reckoned) and `dropped_families` (what customers leave and no longer buy), `visit_baskets` (what neighbours read).
"""
