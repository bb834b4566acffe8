"""A till asks what became of a redemption: what was redeemed, and what of it still stands."""

from dataclasses import dataclass
from datetime import datetime

from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.checkout.receipts import ReceiptLine
from engine.store.checkout.redemption_ledger import lines_of, redemption_named
from engine.store.grants.grant_ledger import GrantPart, standing_parts


@dataclass(frozen=True)
class FoundRedemption:
    """A redemption as the ledger has it, its lines in the order of the basket."""

    redemption_id: str
    redeemed_at: datetime
    store_id: str | None
    till_id: str | None
    standing: tuple[ReceiptLine, ...]
    rolled_back: tuple[ReceiptLine, ...]
    grants: tuple[GrantPart, ...] = ()  # what grants paid and still stands
    grants_returned: tuple[GrantPart, ...] = ()


def redemption_of(store: Store, redemption_id: str) -> FoundRedemption:
    """Return a redemption, wholly rolled back or not.

    Raises:
        Refused: redemption_not_found.
        StoreUnreachable: the database does not answer.
    """
    with store.reading() as connection:
        found = redemption_named(connection, redemption_id)
        if found is None:
            raise Refused("redemption_not_found", "There is no redemption with this id.")
        booked = lines_of(connection, found.redemption_no)
        paid, returned = standing_parts(connection, found.redemption_no)
    return FoundRedemption(
        found.redemption_id,
        found.redeemed_at,
        found.store_id,
        found.till_id,
        tuple(one.line for one in booked if one.rollback_no is None),
        tuple(one.line for one in booked if one.rollback_no is not None),
        tuple(paid),
        tuple(returned),
    )
