"""How a household behaves, one behaviour a file, as pure functions of arrays.

Imports `draws`, `flat_runs` and `world_parameters` only. Read `visits` (when they come), `attention` (what of an offer
brings them), `needs` (of which families), `item_choice` (which item), `quantity` (how many), `learning` (what a visit
leaves behind), `dropout` (when they silently stop).
"""
