"""What happens between two nights, as plain functions: arguments in, store in, result out.

Imports `domain`, `store` and `programme`; knows nothing of HTTP and never asks the clock. Read `offers` (login),
`shop` (the rules the last night left), `activate` and `favourite` (what a customer chooses), then the till: `validate`, `redeem`, `rollback`, `sessions`, with `deals` for what
a customer may use.
"""
