"""One customer, for whoever speaks with them: what they see, why, what was, and what may be done for them.

Imports `frame`, `door`, `work`, `day`, `domain`, `store`, `wording` and `models.ground`. Every look at a customer is in
the audit trail; who is held out is told to nobody here. Read `find_customer`, `customer_past`, `customer_page`,
`why_page`, `customer_steps`.
"""
