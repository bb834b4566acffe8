"""What happens between two nights, as plain functions: arguments in, store in, result out.

Imports `domain`, `store` and `programme`; knows nothing of HTTP and never asks the clock. Read `offers_at_login`,
`published_rules` (the rules the last night left), `activate` and `choose_favourite` (what a customer chooses), then the
till: `validate`, `redeem`, `rollback` and `release_session`, each price, write, tell: `usable_offers` and `priced_receipt`
(what a basket saves), `held_basket` (sessions), `till_events`; `app_events` (what only the app can see).
"""
