"""Who may ask and what is kept of it: server keys, remembered answers, the audit trail, users, erased customers.

Imports `database`, `schema`, `domain` and `models.ground`. Read `server_keys`, `remembered_answers` (the same write again,
the same answer), `audit`, `user_accounts` and `console_sessions` (people, and the browsers in which they are signed in),
`customer_erasure` (all of a customer's data in one answer, and gone in one transaction).
"""
