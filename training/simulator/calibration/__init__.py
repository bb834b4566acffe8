"""A world beside a real shop: the same figures of both, and a world's parameters turned until they agree.

Imports `world`, `oracle`, `models` and, for what fits and judges churn, `fitting`. Read in this order: `sales` (a year of a
shop as one table), `observed_response` (what a price does, as anybody could estimate it), `moments` (every figure that is
compared), `simulated_year`, `tuning` (turning knobs by common random numbers), `tuned_world` (which knobs, and the world
file that comes of it), `shipped_churn` (how well the shipped model tells who will be silent), `comparison` (real beside
simulated, and what is missed by how much), `calibration_plots` and `calibration_page`, `calibrate` (the command's work).
"""
