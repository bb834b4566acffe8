"""Who asks and whether they may, how often, and that a write is done once.

Imports `http`. Read `gate` (keys, tokens, scopes), `request_rates`, `token_signing` and `token_endpoint`,
`idempotent_writes` (a write, its answer and its audit line in one transaction).
"""
