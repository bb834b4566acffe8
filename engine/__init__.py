"""What we offer, and what came of it.

Imports `models` only from `nightly`, `measurement` and `cli`. Read in this order: `domain` (the rules, pure
Python), `programme` and `settings` (what the owner decides), `nightly` (the job that makes bundles),
`store` (the boundary of night and day), `day` (use cases), `serving` (HTTP and nothing else), `cli`.
"""
