"""What the day gets of a night: bundles staged and switched to, rules and products, what ends for those who refuse.

Imports `context`, `choosing`, `shelf`, `domain`, `store`, `wording`, `models.features` and `models.tables`. Read
`shelf_rows` (products and suggestions as the day needs them), `stand_in_rows` (what may stand in for what is sold out),
`consent_withdrawals` (what customers who refuse still have ends), `cards_taken_over` (what the store holds of merged
cards becomes their owners').
"""
