"""What knowing the truth is worth: the best bundles a world allows, and who will really be silent.

Imports `world`. Read `offer_worth` (one offer by the world's own equations), `rollout` (a bundle by living on),
`oracle` (bundles chosen by both), `churn_truth` (P(no visit) from the true parameters).
"""
