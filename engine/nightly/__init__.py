"""The job that makes bundles, bucket by bucket, and publishes them at once.

Imports `domain`, `store`, `programme`, `wording` and `models`. Read `run` (one night from data to published bundles) on
`begun_night` (how it begins), `snapshot` (what it reads of the store, with `arms_tonight`, who keeps which arm, and
`offers_remembered`, what customers were offered before), `passes` (its steps over the buckets) and `bucket_work` (what
a worker does for one bucket) with `context` (what it needs for that) and `night` (what is the same for all); `identity`
(from what a night was made), `verify` (computed again, byte for byte) with `run_origin` and `run_differences`,
`off_policy` (what another policy would have brought), `dry_run` (what tonight would be). The rooms: `in_force` (what
was decided before tonight and binds it), `shelf` (who may have what), `choosing` (which offers for whom), `prices`
(what tonight's money and places cost), `guard` (may it be published?), `publishing` (what the day gets), `folder` (what
a run leaves on disk).
"""
