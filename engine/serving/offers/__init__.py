"""What the loyalty app reads and chooses: offers at login, activation, claims, the favourite product.

Imports `day`, `domain`, `http`, `access` and `models.ground`. Read `login_route` and `offers_endpoint`,
`activation_endpoints`, `claim_endpoints`, `favourite_endpoints`.
"""
