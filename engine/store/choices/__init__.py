"""What customers choose and tell: offers activated, sets drawn, the favourite product, contacts with them.

Imports `database`, `schema`, `access`, `nights` and `domain`. Read `activations`, `drawn_sets`, `favourites`,
`contact_log`, `bundles_short` (bundles in which something may be sold out); `recall_rendering` (their JSON written
again after a recall).
"""
