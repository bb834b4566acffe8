"""How the programme stands today: the last night in a sentence, what waits for a person, the guard's lights, money and uses.

Imports `frame`, `day`, `domain`, `store`, `models.ground` and `models.pages`. Read `nights_kept_back` (what the guard
refused), `open_matters`, `drawn_days`, then `today_page` and its template.
"""
