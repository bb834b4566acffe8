"""What the programme is worth to the shop, in numbers that everybody defines the same way.

Imports `domain`, `store`, `programme`, `settings` and `models`, never the night. Nothing here is an effect: a
metric says what is, not what the offers have changed. Read in this order: `definitions` (every metric with formula
and source), `period` (what one bucket's customers did), `metrics` (buckets and segments together).
"""
