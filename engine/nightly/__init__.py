"""The job that makes bundles, bucket by bucket, and publishes them at once.

Imports `domain`, `store`, `programme`, `settings` and `models`. Read in this order: `night` (what is the same for
every bucket), `shelf` (what the programme allows on each item), `options` (every candidate at every depth),
`policy` (what that is worth), `policies` and `fingerprint` (which policy, in which version), `bundling` (which items
go together), `allocation` (what the budget leaves), `explain` (why), `leaving` (who may not come again, and why),
`plan` and `settle` (the two passes over the buckets).
"""
