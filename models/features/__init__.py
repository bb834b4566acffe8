"""What is known about customers, items and their pairs just before a moment `as_of`.

Everything per customer is a plain function of one bucket: `history` reads the bucket's purchases before
`as_of` into DuckDB tables, `customer.sql` and `pair.sql` aggregate them into features; `items` merges what
the buckets tell about each item (`item.sql`, `price.sql`) into the shop's item table, whose rows the
`catalogue` defines. `recipe` names, orders and fingerprints the features; it travels with every model, so
that training and the night cannot differ. May import `models.tables`, `models.sources`, `models.ground.errors`.
Read `catalogue`, `history`, the SQL, `items`, `matrix`, `recipe`.
"""
