"""One module per revision; names begin with `v` and the revision."""
