"""What knowing the truth is worth: the best bundles a world allows, and who will really be silent.

Imports `models.response` and `world`. Read `offer_worth` (one offer by the world's own equations), `rollout` (a bundle
by living on), `bundle_plans` (the bundles to choose among), `oracle` (chosen by both), `true_value_rule` (chosen by the
equations and given weights), `hindsight` (a bound from above), `churn_truth` (P(no visit) from the true parameters),
`promotion_truth` (what the chain's own promotions truly bring).
"""
