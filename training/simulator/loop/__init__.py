"""The closed loop: a simulated shop with the real night, the real till and real retraining.

The only part of `training` that imports `engine`, by name in the import contracts. Imports `world`, `oracle`, `scores`,
`fitting` and `models` as well. What an engine of its own would know of the shop lies in a workspace and nowhere else;
the world's truth never gets there. Read in this order: `simulated_policies` (those to begin with), `learner` (those
that learn) with `policy_memory` (what they remember between nights) and `value_learner` (the policy `value`, told what
its lots have taught), `published_offers` (what a night published, as the world wants it), `paid_baskets` (baskets paid
through the engine's use cases), `premises` (the shop's side: data, model, response, night, store), `simulation_start`
(a year lived, the shop opened), `weeks` (one run, week by week, kept by `recorded_weeks`), `fast_weeks` on
`counted_history` and `offered_weeks` (the same without store, till and models, for research), `best_known` with
`rhythms` (the yardstick, searched for with the truth, also over weeks), `closed_study` and `fast_study` (several worlds
and seeds side by side), `programme.toml` (the rules that it plays by).
"""
