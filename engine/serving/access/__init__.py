"""Who asks and whether they may, how often, and that a write is done once.

Imports `http`, `domain`, `settings`, `models.ground` and, for keys, remembered answers and the audit trail, `store`,
and `day`, whose work `housekeeping` goes on with. Read `gate` (keys, tokens, scopes), `request_rates`, `token_signing`
and `token_endpoint`, `idempotent_writes` (a write, its answer and its audit line in one transaction), `housekeeping`
(once a minute: the last use of keys, answers that are old enough).
"""
