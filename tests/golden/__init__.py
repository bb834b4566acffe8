"""One small night, kept as text that a person can read.

`python -m tests.golden` writes `night.txt` anew; look at the difference before committing it.
"""
