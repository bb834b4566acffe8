"""The shop withdraws a product from every offer, whatever was promised, and lets it be offered again.

A till knows from the moment it is written; what customers read is written again by `engine.store.choices.recall_rendering`,
which every server does within a second or two.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from engine.day.said_reason import said_reason
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.nights.recalls import (
    Recall,
    end_recall,
    is_sold,
    recalled_now,
    recalls_in_force,
    write_recall,
)
from engine.store.nights.substitutions import stands_in
from engine.store.nights.told_stock import look_through
from models.ground.moment import LATEST

RECALLED = "The shop has withdrawn this product from all offers."


def recall_product(
    store: Store,
    product_id: str,
    *,
    reason: str,
    now: datetime,
    until: datetime | None = None,
    beforehand: bool = False,
) -> bool:
    """Withdraw a product from all offers, favourites and suggestions; False where it is withdrawn like that already.

    Args:
        store: of the day.
        product_id: as the shop's tables name it.
        reason: as customers read it in the place of the offer.
        now: the shop's time.
        until: when it ends by itself; without it, when it is lifted.
        beforehand: also a product that is in no night yet, so that none ever offers it.

    Raises:
        Refused: product_not_found; invalid_request, the reason is none (see `said_reason`), or `until` has passed.
        StoreUnreachable, CannotWrite: nothing was withdrawn.

    """
    words = said_reason(reason)
    if until is not None and not now < until <= LATEST:
        raise Refused(
            "invalid_request",
            f"The recall would end at {until.isoformat()}, expected a moment after {now.isoformat()} and before 2200.",
        )
    if not beforehand:
        _require_known(store, product_id, "check the id, or say that you withdraw it beforehand")
    with store.switching() as connection:
        if stands_in(connection, product_id):  # something else may, or the item itself is shown again
            look_through(connection, [product_id])
        return write_recall(store, product_id, words, until, now)


def lift_recall(store: Store, product_id: str, *, now: datetime) -> bool:
    """Let a product be offered again, in open bundles as in the nights to come; False where it may be already.

    Raises:
        Refused: product_not_found.
        StoreUnreachable, CannotWrite: it stays withdrawn.

    """
    if end_recall(store, product_id, now):
        return True
    _require_known(store, product_id, "check the id")
    return False


def standing_recalls(store: Store, now: datetime) -> tuple[Recall, ...]:
    """Return what is withdrawn at a moment, what was withdrawn first before the others. Raises StoreUnreachable."""
    return tuple(recalled_now(store, now).values())


def refuse_recalled(connection: Connection, product_ids: Iterable[str], now: datetime) -> None:
    """Refuse what cannot be discounted any more.

    Raises:
        Refused: product_recalled.

    """
    recalled = recalls_in_force(connection, now)
    if any(name in recalled for name in product_ids):
        raise Refused("product_recalled", f"{RECALLED} Validate the basket again without it.")


def _require_known(store: Store, product_id: str, what_to_do: str) -> None:
    if not is_sold(store, product_id):
        raise Refused(
            "product_not_found",
            f"There is no product {product_id} in the nights published last; {what_to_do}. Nothing was changed.",
        )
