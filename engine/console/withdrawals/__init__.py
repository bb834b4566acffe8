"""What the shop takes back at once: single products, or all personal offers.

Imports `frame`, `day`, `domain`, `store` and `models.ground`. Read `withdrawals_page` and `withdrawal_steps`.
"""
