"""A shop with known truth, to check policies, measurement and every claim against.

Imports `fitting`, `evaluation` and `models`, and in `loop` alone `engine`; nothing outside `training.commands` may import
it. Read in this order: `world` (a shop and its households, lived day by day), `oracle` (what knowing the truth is worth),
`scores` (what a policy was worth, and the ranking), `loop` (real nights and tills in that shop), `calibration` (a world
beside a real shop). The equations and their sources are in docs/simulator.md.
"""
