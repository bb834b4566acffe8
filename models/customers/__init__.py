"""Who a customer is: how often they come, whether they are leaving and why, what they are worth, how loyal.

Imports `features` and the rooms below. Read `rhythm` (purchase cycles), `churn` (P(silent)) and `churn_reasons` (why,
in codes), `lifetime` (what a customer is worth), `loyalty` (ladder and kinds of loyalty), `lifecycle` (all of it, one
row a customer), `overdue` (late by their own cycle, and what is at stake).
"""
