"""Purchase cycles: when a customer comes back, and when they buy an item again.

Imports `features` and `tables`. Read `gap_beliefs` first (what is believed of a gap, and how the shop's experience enters),
then `item_cycles` (a customer and an item) and `visit_cycles` (a customer and the shop, and all of it as one `Rhythm`).
"""

from models.customers.rhythm.gap_beliefs import GapBelief, GapPrior
from models.customers.rhythm.item_cycles import ItemRhythm, fit_item_rhythm
from models.customers.rhythm.visit_cycles import Rhythm, fit_visits

__all__ = ["GapBelief", "GapPrior", "ItemRhythm", "Rhythm", "fit_item_rhythm", "fit_visits"]
