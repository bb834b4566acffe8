"""What the loyalty app reads and chooses: offers at login, activation, the favourite product.

Imports `http` and `access`. Read `login_route` and `offers_endpoint`, `activation_endpoints`, `favourite_endpoints`.
"""
