"""What an offer changes: how many more buy, how many units more, and how much of that is left after six weeks.

Imports `customers` and the rooms below. Read `elasticities` (how a quantity grows with a discount, by how well a
customer knows the item), `kept_margin` (kappa), `price_response` (both together: what a policy asks, and plain JSON),
`customer_rates` (a customer's visits, margin and lapses from counts, with what is not known of them), `visit_effects`
(what savings do to visits), `visit_hazard` (the rhythm that it is measured against), `bundle_traces` (what earlier
bundles left behind), `exposed_weeks` (what lots teach of it), `stakes` (what exposing customers would lose, bring and
teach), `exposure` (who is exposed while it is not known), `knowledge` (what a night's policy is told of it, known by a
digest), `learnt_response` (what a version of it holds), `offer_otherwise` (an offer at another depth, from what was
logged of it).
"""

from models.response.customer_rates import CustomerMeans, CustomerRates, shrunk_means, shrunk_rates
from models.response.elasticities import Elasticities, Familiarity, familiarity
from models.response.kept_margin import KeptMargin
from models.response.price_response import OfferResponse, PriceResponse

__all__ = [
    "CustomerMeans",
    "CustomerRates",
    "Elasticities",
    "Familiarity",
    "KeptMargin",
    "OfferResponse",
    "PriceResponse",
    "familiarity",
    "shrunk_means",
    "shrunk_rates",
]
