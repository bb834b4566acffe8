"""What the programme is worth to the shop, in numbers that everybody defines the same way.

Imports `domain`, `store`, `programme`, `wording` and `models`, never the night. A metric says what is, not what the
offers have changed; that is for the report of an experiment alone. Read in this order: `metric_definitions` (every
metric with formula and source), `metric_intervals` (how sure it is), `period_totals` (what one bucket's customers did),
`programme_metrics` (buckets and segments together), `overdue_list` (late customers, worst expected loss first, contacts
respected); `experiment_power` (what an experiment can see here) and `begun_experiments` (what is written down when one
begins and ends); `foreign_files` and `imported_experiment` (arms and offers that another engine brought). What came of
it: `customer_weeks` (what each customer brought by week), `own_offers` (what of their own offers they bought),
`foreign_discount` (what the other engine's cost), `store_weeks` (which store lost its feed), `bucket_arms` (both arms'
customers of a bucket), `compared_arms` (those of all buckets), `experiment_effects` (by what they differ),
`experiment_guards` (what got worse), `experiment_segments` (whom it helps), `misleading_answers` (what a shop without a
lot would say), `experiment_lights` (whether all that may be believed), `experiment_report` (all of it), `report_words`
(the answer in a sentence and a table), `report_facts` (as JSON and rows), `judged_guards` (guards after a night),
`experiment_page` with `experiment_plots` (one page).
"""
