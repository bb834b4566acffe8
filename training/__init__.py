"""How we learn what `models` predicts.

Imports `models`, never `engine`. Read in this order: `splits` (rolling calendar cuts), `labels` (what
happened after a cut), `dataset` (examples), `params`, `fit`, `metrics`, `evaluate`, `run` (one training
run from workspace to registry), `cli` (the `abonement-train` command).
"""
