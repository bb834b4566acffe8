"""Nights: all of them as a table, one with its guard and report, what may be done with it, and one at work.

Imports `frame`, `door`, `work`, `today`, `day`, `domain`, `store`, `models.ground` and `models.pages`. Read
`nights_page`, `night_page`, `night_steps` (publish with findings accepted, roll back), `night_report` and
`night_progress`.
"""
