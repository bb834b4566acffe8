"""What a declaration and a programme could say, read off a shop's files, for the owner to confirm.

Imports `models.ground`, `models.tables`, and of its siblings `reading`, `loading` and `stored`. Read `shop_words`
(which of the shop's columns is which of ours), `written_values` (how numbers, times and yes and no are written),
`shop_files` (which file is which table), `proposed_tables` (all of it as the text of tables.toml), `folder_figures`
(what a load of it holds: prices, sales a week, customers).
"""
