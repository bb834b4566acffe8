"""How good a version is: against the version in use and against simple rules, on weeks it has not seen.

Imports `models` and `training.fitting`. Read in this order: `contenders` (who is judged, and on which cuts),
`judged_cut` (one cut: refit, score, and sums for each customer), `outcomes` (those sums from scored candidates),
`common_ground` (the pairs and customers on which methods are compared),
`segments`, `bootstrap` (intervals), `evaluation_findings` (tables over all cuts), `verdict` (may it replace the other?),
`evaluation_plots` and `evaluation_page` (what a data scientist looks at), `evaluate` (all of it, resumable);
`version_listing` shows what the registry holds. Of the response: `response_effects` (what it believes, who gets what by it),
`response_power` (how long seeing an effect takes) `response_evaluation` (both, as words, page
and JSON) and `response_gate` (may it replace the one in use?).
"""
