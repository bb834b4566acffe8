"""Finished loads on disk, and which of them is the current one.

Imports `ground` and `tables`; knows nothing of how a load is made. Read `finished_load` (`Data`, `open_data`, the
summary in sentences), `current_load` (one becomes current, or nothing changes), `netting` (what of purchases stands
after returns), `load_erasure` (customers taken out), `day_ranges` (days in words).
"""
