"""What happened, row by row, for those who read it later: the feed of events, exports, measured periods.

Imports `database`, `schema`, `nights` and `domain`. Read `events` (appended in the transaction of what they tell),
`exported_offers` and `exported_log` (the rows of exports), `period_summaries` (what was measured), `measured_arms` (what
a report needs to know of an experiment's customers), `programme_use` (what became of each programme's bundles).
"""
