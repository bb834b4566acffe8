"""Which offers a customer gets: from scored candidates to a bundle within rules and budget, with a reason each.

Imports `shelf`, `night`, `domain`, `store`, `programme`, `wording` and `models`; knows nothing of run folders. Read in
the order in which a candidate goes: `offer_options` (every candidate at every depth, and its customer, with
`customer_facts`), `policy` and `policies` (what that is worth, with `policy_fingerprint` and the yardstick `pull`),
`bundling` (which items go together), `plan_policy` (a policy that weighs whole bundles), `value_policy` (the one that
does so in money, with `value_evening`, what it sees, `value_lots`, who is exposed, and `slot_money`, each place's part)
and `plans` (every customer's bundle by every plan); `bucket_plan` (the first pass over a bucket, with `cell_plans`
where experiments run); `allocation` (the budget is kept), `staples` with `staples_exchanged` (no item in too many
bundles, no supplier's budget overdrawn: `funder_lines`, on the prices of `price_grid`), `rotation_cost` (what variety
takes), `rule_effects` (what the programme's rules take), `budget_curve` (what other budgets would bring), `pool_cost`
(what a pool costs of which its customer draws), `used_cost` (a plan as tills use it), `thinned_lots` (as many lots as
the budget has room for); `assignment` (the second pass: final bundles and their log) with `funded_slots` (what
suppliers pay of the final places) and `reason_codes` (why); `drawn_actions` (what a policy could have done with each
customer, by which chance). Beside it `favourite_suggestions` and `favourite_budget`.
"""
