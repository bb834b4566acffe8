"""From a workspace's data, as of a moment, to fitted models.

Imports `models` only. Read `fit` (the whole run), `splits` (rolling calendar cuts), `labels` (what happened after a
cut), `examples` (features beside labels), `fit_profile` (what a fit may choose) with `profile_file` (the same in a
file) and `asked_windows` (what programmes need), `boosting`, then the fits: `affinity_fit` (where little was bought
`frequency_fit`), `own_model_fit` (by another package, once it has shown `conformance`), `churn_fit`, `lifetime_fit`
with `lifetime_likelihood`, `response` (what discounts change); `prediction_metrics` says how good predictions were,
`yardsticks` and `lifetime_yardsticks` what a model has to beat to be used.
"""
