"""How we learn what `models` predicts.

Imports `models`, never `engine` (but for the simulator's closed loop). Read in this order: `splits` (rolling
calendar cuts), `labels` (what happened after a cut), `params`, `dataset` (examples), `metrics`, `fit` and
`fit_churn`, `run` (one training run, from a workspace's data to fitted models), `evaluation` (a version against
others, on weeks it has not seen), `bench` (predictions for others to score), `demo_data`, `simulator` (a shop with
known truth), `cli` (the `abonement-train` command).
"""
