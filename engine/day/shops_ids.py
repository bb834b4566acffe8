"""Who is meant: whoever asks may name a customer or a product otherwise than the shop's tables do.

A merged card is its customer's, and 007 is 7 where the shop declares that its ids are numbers.
"""

from dataclasses import replace

from engine.domain.till.basket import Basket
from engine.store import Store
from engine.store.nights.known_ids import customer_known_as, customers_known_as, product_known_as

__all__ = ["as_the_shop_names_it", "customer_known_as", "customers_known_as", "product_known_as"]


def as_the_shop_names_it(store: Store, basket: Basket) -> Basket:
    """The basket under the ids of the shop's tables. Raises StoreUnreachable."""
    return replace(
        basket,
        customer_id=customer_known_as(store, basket.customer_id),
        lines=tuple(
            replace(line, product_id=product_known_as(store, line.product_id)) for line in basket.lines
        ),
    )
