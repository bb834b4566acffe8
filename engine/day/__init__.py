"""What happens between two nights, as plain functions: arguments in, store in, result out.

Imports `domain`, `store`, `programme` and `models.ground`; knows nothing of HTTP and never asks the clock. Read
`shops_ids` (who is meant), `nights_shown` and `published_rules` (which night counts, its rules), `offers_at_login`,
`activate`, `claim_bundle` and `choose_favourite` (what a customer sees and chooses); the room `till` (what a basket
saves, is paid and comes back). `give_grant` (what the shop's people give). Last, what the shop takes back:
`recall_product`, `stop_offers` (for a `said_reason`); what is sold out: `tell_stock`, `substitute_items`; what other
systems tell and read: `app_events` (what only the app can see; `told_moments`), `event_feed`, `customer_rights`.
"""
