"""What a customer is worth: how often they will come, for how long, and what they will spend.

Imports `features` only. Read in this order: `visit_history` (what these models know of a customer: repeats, last visit,
age), `bgnbd` and `paretonbd` (how often, and until when), `gammagamma` (how much a visit), `lifetime_value` (all of it
together, with the corrections that a shop's own past asks for, and intervals). Fitted in
`training.fitting.lifetime_likelihood`.
"""

from models.customers.lifetime.bgnbd import BgNbd
from models.customers.lifetime.gammagamma import GammaGamma
from models.customers.lifetime.lifetime_value import LifetimeModel, Outlook
from models.customers.lifetime.paretonbd import ParetoNbd
from models.customers.lifetime.visit_history import VisitHistory, visit_history

__all__ = [
    "BgNbd",
    "GammaGamma",
    "LifetimeModel",
    "Outlook",
    "ParetoNbd",
    "VisitHistory",
    "visit_history",
]
