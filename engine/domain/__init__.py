"""The words and rules of the programme: money, offers, bundles, arms, budgets, the view a customer sees.

Imports the standard library only. Frozen dataclasses and pure functions; time and randomness are arguments. Read
`money` first (the one rounding rule), then `bundle` (offers and what carries them), `eligibility` (who may get one, of
what, how deep), `treatments` (what they get for where they stand), `legal_age`, `budget` with `budget_lines` (what is
planned beside it), `expected_use` (the budget from what tills gave), `funding` (what a supplier pays), `arms` (who is
held out), `experiments` (what is tried on whom), `validity_window`, `customer_view`; `claim_rules` (what is drawn of a
pool of offers) with `claim_view`; the room `till` (what a basket saves, or why not); the favourite: `favourite_rules`,
`favourite_promise`; `grants` (money without a condition); `substitution` (what stands in for an offered item that is
sold out); `contacts`, `access_keys`, `console_users` (roles, names and passwords of the console), `ids`; `offer_errors`
draws the tree of refusals.
"""
