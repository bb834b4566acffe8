"""The words and rules of the programme: money, offers, bundles, arms, budgets, the view a customer sees.

Imports the standard library only. Frozen dataclasses and pure functions; time and randomness are arguments.
Read `money` first, then `offer`, `bundle`, `rules`, `budget`, `arms`, `view`; then what happens at the till: `basket`,
`pricing`, `velocity`; `errors` draws the error tree.
"""
