"""Who may ask and what is kept of it: server keys, remembered answers, the audit trail, erased customers.

Imports `database`, `schema`, `domain` and `models.ground`. Read `server_keys`, `remembered_answers` (the same write again,
the same answer), `audit`, `customer_erasure` (all of a customer's data in one answer, and gone in one transaction).
"""
