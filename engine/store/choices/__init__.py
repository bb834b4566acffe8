"""What customers choose and tell: offers activated, the favourite product, contacts with them.

Imports `database`, `schema`, `access` and `nights`. Read `activations`, `favourites`, `contact_log`.
"""
