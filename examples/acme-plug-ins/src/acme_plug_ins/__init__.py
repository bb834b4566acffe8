"""What Acme adds to Abonement: each of `features`, `model` and `policy` is named in pyproject.toml."""
