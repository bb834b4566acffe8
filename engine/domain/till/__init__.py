"""What happens at the till, as rules: lines of a basket, what they save, and caps against misuse of a card.

Imports `eligibility`, `favourite_rules`, `money` and `offer_errors`. Read `basket` (lines as a till knows them),
`basket_pricing` (what a basket saves, or why not), `grant_money` (what grants pay of the rest), `velocity_caps` (one
card at many tills).
"""
