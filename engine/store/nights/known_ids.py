"""Under which id the shop knows a customer or a product who is asked for under another one.

Where the run in force was made from ids that are numbers, 007 is 7. A card that was merged into a customer is theirs.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Select, Text, bindparam, select

from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import PUBLISHED, runs
from engine.store.schema.card_tables import cards
from models.ground.shop_ids import bare_number

NUMBERS = "numbers"
_IDS = select(runs.c.ids).where(runs.c.state == PUBLISHED).order_by(runs.c.publish_no.desc()).limit(1)
_CARD = select(cards.c.customer_id).where(cards.c.card_id == bindparam("card_id", "", Text))


# How one row is read: by a connection of the pool, or by a thread that has one of its own (`Store.point_read`).
ReadsOne = Callable[..., tuple[Any, ...] | None]


def customer_known_as(store: Store, customer_id: str) -> str:
    """The id of the customer who is asked for; their own where it is no card's. Raises StoreUnreachable."""
    return _owner(_by_pool(store), customer_id)


def customer_at_login(store: Store, customer_id: str) -> str:
    """The same, on this thread's own connection: for the few threads that answer logins and keys, and no others."""
    return _owner(store.point_read, customer_id)


def _owner(first: ReadsOne, customer_id: str) -> str:
    name = _bare(first, customer_id)
    row = first(_CARD, card_id=name)
    return name if row is None else str(row[0])


def _by_pool(store: Store) -> ReadsOne:
    def first(query: Select[Any], **values: str) -> tuple[Any, ...] | None:
        with store.reading() as connection:
            row = connection.execute(query, values).first()
        return None if row is None else tuple(row)

    return first


def customers_known_as(store: Store, customer_ids: Iterable[str]) -> dict[str, str]:
    """The same for many: the id of each who is asked for."""
    names = {asked: product_known_as(store, asked) for asked in set(customer_ids)}
    owners: dict[str, str] = {}
    with store.reading() as connection:
        for some in in_lists(sorted(set(names.values()))):
            query = select(cards.c.card_id, cards.c.customer_id).where(cards.c.card_id.in_(some))
            owners |= {row.card_id: row.customer_id for row in connection.execute(query)}
    return {asked: owners.get(name, name) for asked, name in names.items()}


def product_known_as(store: Store, product_id: str) -> str:
    """The id of the product (or store) that is asked for. Raises StoreUnreachable."""
    return _bare(_by_pool(store), product_id)


def _bare(first: ReadsOne, name: str) -> str:
    bare = bare_number(name)
    if bare == name:
        return name
    row = first(_IDS)
    return bare if row is not None and row[0] == NUMBERS else name


def cards_of(store: Store, customer_id: str) -> tuple[str, ...]:
    """The cards that were merged into a customer."""
    query = select(cards.c.card_id).where(cards.c.customer_id == customer_id).order_by(cards.c.card_id)
    with store.reading() as connection:
        return tuple(connection.execute(query).scalars())
