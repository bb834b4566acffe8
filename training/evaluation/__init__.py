"""How good a version is: against the version in use and against simple rules, on weeks it has not seen.

Imports `models` and the rest of `training`. Read in this order: `contenders` (who is judged, and on which cuts),
`judging` (one cut: refit, score, and sums for each customer), `outcomes` (those sums from scored candidates),
`bootstrap` (intervals), `findings` (tables over all cuts), `verdict` (may it replace the other?), `figures` and
`page` (what a data scientist looks at), `evaluate` (all of it, resumable).
"""
