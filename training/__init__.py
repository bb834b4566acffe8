"""How we learn what `models` predicts.

Imports `models`, never `engine` (but for the simulator's closed loop). Read in this order: `fitting` (from a
workspace's data to fitted models), `evaluation` (a version against others, on weeks it has not seen), `bench` (what
others measure us by), `simulator` (a shop with known truth), `cli` and `commands` (`abonement-train`).
"""
