"""What we offer, and what came of it.

Imports `models`, never `training`. Read in this order: `domain` (the words and rules, pure Python), `programme` and
`settings` (what the owner decides), `store` (the boundary of night and day), `day` (use cases), `serving` (HTTP and
nothing else), `wording` (what customers and analysts read), `nightly` (the job that makes bundles), `measurement` (what
it is worth), `watch` (how a night is seen), `cli` and `commands` (`abonement`).
"""
