"""What happens between two nights, as plain functions: arguments in, store in, result out.

Imports `domain`, `store`, `programme` and `models.ground`; knows nothing of HTTP and never asks the clock. Read `nights_shown` and
`published_rules` (which night counts, and its rules), `offers_at_login`, `activate` and `choose_favourite` (what a
customer sees and chooses). Then the till: `validate`, `redeem`, `rollback` and `release_session`, which price, write and
tell, on `usable_offers` and `priced_receipt` (what a basket saves), `held_basket` (sessions), `till_events`. Last, what
other systems tell and read: `app_events` (what only the app can see; `told_moments`), `event_feed`, `customer_rights`.
"""
