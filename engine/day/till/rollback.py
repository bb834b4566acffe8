"""Goods come back, or a sale is cancelled: what was redeemed for them is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.day.till.till_events import tell_lines
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.checkout.receipts import ReceiptLine
from engine.store.checkout.redemption_ledger import Redemption, lines_of, redemption_named, roll_back
from engine.store.grants.grant_ledger import GrantPart, standing_parts
from engine.store.nights.shared_bundles import writing_for


@dataclass(frozen=True)
class RolledBack:
    """What was taken back, and what of the redemption stands."""

    redemption_id: str
    customer_id: str
    lines: tuple[ReceiptLine, ...]
    standing_minor: int
    grants: tuple[GrantPart, ...] = ()  # what grants had paid for them
    grants_standing: tuple[GrantPart, ...] = ()  # what grants still pay of the redemption

    @property
    def discount_minor(self) -> int:
        """The sum of the lines taken back."""
        return sum(line.discount_minor for line in self.lines)


def customer_of(store: Store, redemption_id: str) -> str:
    """Return whose redemption it is.

    Raises:
        Refused: redemption_not_found.

    """
    with store.reading() as connection:
        return _redemption(connection, redemption_id).customer_id


def rollback(
    store: Store, redemption_id: str, *, now: datetime, line_ids: Sequence[str] | None = None
) -> RolledBack:
    """Take a redemption back: all that stands of it, or some of its lines, each whole.

    The slots are free again, also after the bundle has ended, where that changes nothing for the customer. A
    favourite's units go back to the day for which they were redeemed, and a grant gets back what it had paid for the lines.

    Raises:
        Refused: redemption_not_found; line_not_found; already_rolled_back, nothing (of a line) stands any more.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was taken back.

    """
    customer_id = customer_of(store, redemption_id)
    with writing_for(store, customer_id) as connection:
        redemption = _redemption(connection, redemption_id)
        booked = lines_of(connection, redemption.redemption_no)
        standing = [one.line for one in booked if one.rollback_no is None]
        paid, returned = standing_parts(connection, redemption.redemption_no)
        if line_ids is not None:
            known = {one.line.line_id for one in booked} | {part.line_id for part in (*paid, *returned)}
            unknown = sorted(set(line_ids) - known)
            if unknown:
                raise Refused(
                    "line_not_found", f"The redemption has no discounted line {', '.join(unknown)}."
                )
        stands = {line.line_id for line in standing} | {part.line_id for part in paid}
        wanted = stands if line_ids is None else set(line_ids)
        lines = [line for line in standing if line.line_id in wanted]
        parts = [part for part in paid if part.line_id in wanted]
        if not wanted or not wanted <= stands:
            raise Refused("already_rolled_back", "What was to be rolled back was rolled back before.")
        roll_back(connection, redemption, lines, parts, now)
        tell_lines(connection, "rolled_back", customer_id, lines, now, redemption_id=redemption_id)
    still = [part for part in paid if part not in parts]
    left = sum(line.discount_minor for line in standing) - sum(line.discount_minor for line in lines)
    return RolledBack(redemption_id, customer_id, tuple(lines), left, tuple(parts), tuple(still))


def _redemption(connection: Connection, redemption_id: str) -> Redemption:
    found = redemption_named(connection, redemption_id)
    if found is None:
        raise Refused("redemption_not_found", "There is no redemption with this id.")
    return found
