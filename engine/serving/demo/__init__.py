"""`/demo`: one page where a person types a customer number and sees the offers as the customer would.

Imports `day`, `domain`, `http`, `wording`, `models.ground` and `models.pages`. Read `demo_endpoint`, `demo_page` and
the template of its name, `demo_favourite`, `demo_words`.
"""
