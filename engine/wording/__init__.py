"""What people read about an offer or a customer, in one place: sentences for customers and for analysts.

Imports `domain`, `models.ground` and the codes of `models.customers`. Read `customer_sentences` (why an item is
offered, as the customer reads it: a language's sentences and what is checked of them) with `languages` (those that we
ship) and `language_files` (those and a shop's own); `analyst_sentences` (the same for who works with exports, and where
a customer stands), `churn_sentences` (why a customer may be leaving), `money_sentences` (what a bundle is worth),
`spoken_words` (names and counts).
"""
