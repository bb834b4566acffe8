"""The job that makes bundles, bucket by bucket, and publishes them at once.

Imports `domain`, `store`, `programme`, `wording` and `models`. Read `run` (one night from data to published bundles),
`snapshot` (what it reads of the store), `passes` (its steps over the buckets), `budget_price` (what the budget leaves of the plans) and `bucket_work` (what a worker does for one bucket) with `context` (what it needs
for that) and `night` (what is the same for all); `identity` (from what a night was made), `verify` (computed again, byte
for byte) with `run_origin` and `run_differences`, `off_policy` (what another policy would have brought), `dry_run` (what tonight would be); `holdout_in_force`, `tried_tonight` and `arms_tonight` (who is held out stays so, and who goes by other rules); `budget_use` (what tills gave); `offers_remembered` (what
customers were offered before) and `staples_tonight` (what items cost that would stand in too many bundles) with `funders_tonight` and `funders_promised` (each supplier's budget); `response_in_force` (what a policy is told of
response). The rooms: `shelf` (who may have what), `choosing` (which offers for whom), `guard` (may it be
published?), `publishing` (what the day gets), `folder` (what a run leaves on disk).
"""
