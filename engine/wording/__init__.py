"""What people read about an offer or a customer, in one place: sentences for customers and for analysts.

Imports `domain` and the codes of `models`. Read `churn_sentences` (why a customer may be leaving).
"""
