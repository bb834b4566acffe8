"""How our commands run: their manners at a terminal, and the one way to run tasks over buckets.

Imports `ground`, rich, typer, joblib and threadpoolctl. Read `terminal` (one sentence, an exit code, a progress bar),
`blas_threads` (linear algebra that no machine rounds otherwise), then `cluster` (`map_buckets`: the same function for every
bucket, results in order), `workspace_option` (which workspace: the option of every command).
"""
