"""What customers choose and tell: offers activated, the favourite product, contacts with them.

Imports `database`, `schema`, `access`, `nights` and `domain`. Read `activations`, `favourites`, `contact_log`; `recall_rendering`
(their JSON written again after a recall).
"""
