"""A world beside a real shop: the same figures of both, and a world's parameters turned until they agree.

Imports the world and its behaviours, `models`, and of `training` what fits and judges churn. Read in this order:
`sales` (a year of a shop as one table), `price_response` (what a price does, as anybody could estimate it), `moments`
(every figure that is compared), `tuning` (turning knobs by common random numbers), `tuned` (which knobs, and the
world file that comes of it), `shipped_churn` (how well the shipped model tells who will be silent), `comparison`
(real beside simulated, and what is missed by how much), `drawings` and `page`, `run` (the command's work).
"""
