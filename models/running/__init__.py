"""How our commands run: their manners at a terminal, and the one way to run tasks over buckets.

Imports `ground`, rich, typer and joblib. Read `terminal` (one sentence, an exit code, a progress bar), then `cluster`
(`map_buckets`: the same function for every bucket, results in order),
`workspace_option` (which workspace: the option of every command).
"""
