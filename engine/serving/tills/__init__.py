"""What tills send and get: what a basket saves, redemptions, goods that come back.

Imports `day`, `domain`, `http` and `access`. Read `till_shapes` (on `grant_shapes`), `validation_endpoints`,
`redemption_endpoints`.
"""
