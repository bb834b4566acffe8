"""What a policy was worth in a world whose truth is known.

Imports `world`, `evaluation` (its `bootstrap`) and `models`. Read `lived` (what households did, week by week),
`policy_scores` (gain a customer and what it came from), `forecasts` (what it said beforehand), `over_seeds`, `doubts`,
`study_table` and `study_page` (several seeds together, and what speaks against a policy), `paying_worlds` and
`judgement_table` (one policy held to what is asked), `ranking`, `ranking_plots` and `ranking_page` (policies beside each
other).
"""
