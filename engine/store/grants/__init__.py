"""The ledger of money given to customers without a condition.

Imports `database`, `schema`, `access`, `log` and `domain`. Read `kept_grants` (grants as the rows stand), `grant_views`
(what a login shows of them, written again by whatever changes it), `grant_ledger` (give, hold, use, return, cancel),
`grant_sums` `grants_of_nights` (what they cost), `booked_grants` (the ledger, exportednights give, and what becomes of
it with them).
"""
