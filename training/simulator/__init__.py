"""A shop with known truth, to check policies, measurement and every claim against: pure NumPy, seeded.

Nothing outside `training.commands` may import it, and of it only `loop` may import the engine. Read in this order:
`parameters` (a world file), `draws` (common random numbers), `shop`, `promotions`, `visits`, `dropout`, `needs`, `choice`,
`quantity` and `learning` (one behaviour each, pure functions of arrays), `households` (traits and state), `till` (what
comes in and goes out), `trip` (from a visit to a basket), `evening` (what a day leaves behind), `world` (day by day), `tables` (the same input tables as a
real shop), `worth`, `rollout` and `oracle` (what knowing the truth is worth), `loop` (nights and tills), `lived` and
`scores` (what came of it), `ranking` and its page. The equations and their sources are in docs/simulator.md.
"""
