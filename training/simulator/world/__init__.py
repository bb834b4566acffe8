"""A simulated shop and its households, lived day by day: pure NumPy, every draw a hash of what it is for.

Imports `models.ground` and `models.tables`. Read `world_parameters` (what a world is told by), `world_files` (where it
stands) and `world_prior` (worlds nobody wrote), `draws` (common random numbers) and `flat_runs`, `simulated_shop`
(families, products, prices), `chain_promotions`, `households` (traits and state), `behaviour` (one behaviour a file),
`offers_and_lines` (what comes in and goes out), `shopping_trip` (from a visit to a basket), `chance_of_use` (of an
offer, before the dice), `end_of_day` (what a day leaves behind), `world` (day by day), `shop_tables` (the input tables
of a real shop).
"""
