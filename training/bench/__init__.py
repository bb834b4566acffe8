"""What others measure us by: predictions in files that anybody can score.

Imports `fitting` and `models`. Read `bundles_and_churn` (who buys which items, who falls silent), `next_basket` with
`basket_histories` and `real_days` (published next-basket splits, on both clocks), `demo_data` (a year of real groceries),
`command_cost` (time and memory of a command).
"""
