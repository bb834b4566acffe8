"""One small night, kept as text that a person can read.

`python -m tests.golden` writes `night.txt` anew, and `golden_night.txt` of `tests/engine/nightly` beside it; look at the
difference before committing it.
"""
