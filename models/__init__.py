"""What we know and predict about a customer.

Imports nothing of `training` or `engine`. Read in this order: `tables` (the vocabulary and units of every
table), `sources` (files -> checked, customer-bucketed Parquet), `rhythm` (purchase cycles), `features`
(SQL per bucket, with its recipe), `candidates` (which items are worth scoring for whom), `affinity`,
`churn` and `baselines` (the predictions), `artifact` and `registry` (one version of all fitted models).
"""
