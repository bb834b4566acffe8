"""`/demo`: one page where a person types a customer number and sees the offers as the customer would.

Imports `http`. Read `demo_endpoint`, `demo_page`, `demo_favourite`, `demo_words`; `pages` holds what they fill in.
"""
