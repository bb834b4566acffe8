"""What the programme is worth to the shop, in numbers that everybody defines the same way.

Imports `domain`, `store`, `programme`, `wording` and `models`, never the night. Nothing here is an effect: a metric says
what is, not what the offers have changed. Read in this order: `metric_definitions` (every metric with formula and source),
`metric_intervals` (how sure it is),
`period_totals` (what one bucket's customers did), `programme_metrics` (buckets and segments together), `overdue_list` (late
customers, worst expected loss first, contacts respected); `experiment_power` (what an experiment can see here) and
`begun_experiments` (what is written down when one begins and ends).
"""
