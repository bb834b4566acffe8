"""What was decided or happened before tonight and binds it, read of the store.

Imports `choosing`, `night`, `domain`, `store`, `programme` and `models`. `holdout_in_force` (who is held out stays so)
and `tried_tonight` (who goes by an experiment's rules), `response_in_force` (what a policy is told of response),
`budget_use` (what tills gave), `gifts_before` (who was thanked lately, whose complaint was settled),
`funders_promised` (what suppliers have promised and what of it is given) and `programmes_in_force` (what else the shop
runs).
"""
