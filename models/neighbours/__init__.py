"""Customers who shop alike, found in a seeded reference sample: the scores of TIFU-KNN and of UP-CF@r.

Both describe a customer by a weight for each item and score an item by what the customers nearest to them weigh it:

* TIFU-KNN (Hu, He, Gao, Zhang: Modeling Personalized Item Frequency Information for Next-basket Recommendation,
  SIGIR 2020): weights decay within groups of baskets and from group to group, near is Euclidean, and the k nearest
  count the same.
* UP-CF@r (Faggioli, Polato, Aiolli: Recency Aware Collaborative Filtering for Next Basket Recommendation, UMAP 2020):
  a weight is the share of the last r baskets that held the item, near is the asymmetric cosine of the sets of items
  ever bought, and everybody counts by that cosine to the power q.

Every customer's scores depend on that customer and on the reference alone, so neither the number of buckets nor the
order of customers matters. Nobody is their own neighbour: reference customers carry keys that are compared.

Imports `tables` and `running`. Read `vectors`, `reference`, `follow_ups`, `foretold`, then `scores`; `reference_file`
is how a sample is kept.
"""

from models.neighbours.follow_ups import follow_ups
from models.neighbours.reference import Reference, customer_keys, merge_references
from models.neighbours.scores import NamedNeighbours, NeighbourRules, Neighbours
from models.neighbours.vectors import BasketTriples, TifuKnn, UpCf, recent_shares, tifu_vectors

__all__ = [
    "BasketTriples",
    "NamedNeighbours",
    "NeighbourRules",
    "Neighbours",
    "Reference",
    "TifuKnn",
    "UpCf",
    "customer_keys",
    "follow_ups",
    "merge_references",
    "recent_shares",
    "tifu_vectors",
]
