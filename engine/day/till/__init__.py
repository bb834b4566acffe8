"""What happens at the till: a basket is priced, held, paid, and some of it comes back.

Imports `published_rules`, `recall_product`, `stop_offers`, `told_moments`, `domain` and `store`. Read `validate` (what
does a basket save?), `redeem` (it is paid), `look_up` (what became of it), `rollback` (goods come back) and
`release_session` (it is given up): each prices, writes and tells, on `usable_offers` (what a customer may use) and
`priced_receipt` (offers, caps and held baskets become a receipt), `held_basket` (sessions), `till_events`.
"""
