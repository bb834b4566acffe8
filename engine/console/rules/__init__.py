"""The programme's rules: in words, key by key with where each comes from, and what earlier nights went by.

Imports `frame`, `door`, `programme`, `store` and `models.ground`. Read `kept_programmes` (the rules of a night),
`rules_page`, `rules_then_page`.
"""
