"""What customers choose and tell: offers activated, the favourite product, contacts with them.

Imports `database`, `schema`, `access`, `nights` and `domain`. Read `activations`, `favourites`, `contact_log`.
"""
