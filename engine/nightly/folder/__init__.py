"""What a run leaves on disk, and everything that reads it later.

Imports `choosing`, `night`, `domain`, `store`, `programme`, `shelf`, `wording` and `models`. Read `run_folder`
(everything one night read, decided and wrote), `run_summary` and `shelf_figures` (the run in numbers),
`learning_figures` (what it does for learning), `customer_scores` (one row a customer), `past_runs` (runs as an operator
lists them), `export` (tables for others), `why_no_bundle` (for whom there is none, and why), `why_these_items` (why
each item, and not the next), `left_out` (what everybody gets as cheap), `bundle_in_money` (what a bundle was worth, and
would be otherwise), `past_shadows` (what was never served), `rotation_figures` (what variety costs a night),
`rule_figures` (what its rules remove), `running_shadows` (who would still have a bundle that was never served),
`offers_compared` (two nights beside each other), `served_nights` (which folders are of nights that customers have),
`prune` and `workspace_erasure` (what is thrown away, and who must be forgotten).
"""
