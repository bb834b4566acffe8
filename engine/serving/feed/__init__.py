"""What other systems read of us: events, runs, and one customer's data handed out or erased.

Imports `day`, `domain`, `http` and `access`. Read `event_endpoints`, `runs_endpoint`, `customer_data_endpoints`.
"""
