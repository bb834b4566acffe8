"""The ledger of tills: what was redeemed, and what of it came back.

A redemption's rows are never changed but for the mark that a line was rolled back. Every slot and every unit is taken
by a conditional update whose number of rows is looked at, so no order of events can take one twice.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from engine.domain.bundle import OfferState
from engine.domain.offer_errors import Refused
from engine.store.checkout.funded_lines import book_fundings
from engine.store.checkout.receipts import Receipt, ReceiptLine
from engine.store.database.store import Store, insert_unless_there
from engine.store.grants.grant_ledger import GrantPart, return_parts, use
from engine.store.nights.bundle_bodies import render_bundle
from engine.store.schema import bundles, moment, moment_us, offers
from engine.store.schema.checkout_tables import redemption_lines, redemptions, rollbacks
from engine.store.schema.favourite_tables import favourite_units, favourites

_ID_BYTES = 10  # as unlikely to meet again as the names in `engine.domain.ids`
_TAKEN = "An offer of this basket has been used meanwhile; validate the basket again."


class Redemption(NamedTuple):
    """A redemption's head."""

    redemption_no: int
    redemption_id: str
    customer_id: str
    store_id: str | None
    till_id: str | None
    redeemed_at: datetime
    local_day: date
    discount_minor: int


class BookedLine(NamedTuple):
    """A line of the ledger; `rollback_no` is None while it stands."""

    line: ReceiptLine
    rollback_no: int | None


class StandingRedemption(NamedTuple):
    """A redemption that was not wholly rolled back: what velocity caps count."""

    store_id: str | None
    till_id: str | None
    redeemed_at: datetime
    local_day: date
    units_milli: int


class LoggedLine(NamedTuple):
    """A line with its redemption, as training and measurement read it."""

    redemption_id: str
    customer_id: str
    store_id: str | None
    redeemed_at: datetime
    rolled_back_at: datetime | None
    line: ReceiptLine


_LINE = tuple(redemption_lines.c[name] for name in ReceiptLine._fields)


def book(connection: Connection, receipt: Receipt, *, session_key: str | None, now: datetime) -> str:
    """Redeem what a receipt says, all of it or nothing; returns the redemption's id.

    Raises:
        Refused: offer_taken, an offer, a unit or a grant's money is no longer there.

    """
    moment_now = moment_us(now)
    # Random: it stays on the receipt after its customer was erased, and nobody may find them by trying ids and times.
    name = f"r_{secrets.token_hex(_ID_BYTES)}"
    number = connection.execute(
        insert(redemptions)
        .values(
            redemption_id=name,
            customer_id=receipt.customer_id,
            store_id=receipt.store_id,
            till_id=receipt.till_id,
            session_key=session_key,
            at_us=None if receipt.at is None else moment_us(receipt.at),
            redeemed_us=moment_now,
            local_day=receipt.local_day,
            currency=receipt.currency,
            discount_minor=receipt.discount_minor,
        )
        .returning(redemptions.c.redemption_no)
    ).scalar_one()
    if receipt.lines:
        connection.execute(
            insert(redemption_lines),
            [line._asdict() | {"redemption_no": number} for line in receipt.lines],
        )
    book_fundings(connection, number, receipt)
    _take_offers(connection, receipt, now)
    _take_units(connection, receipt)
    use(connection, number, receipt.customer_id, receipt.grants, now)
    return name


def redemption_named(connection: Connection, name: str) -> Redemption | None:
    """The redemption with that id."""
    row = connection.execute(select(redemptions).where(redemptions.c.redemption_id == name)).first()
    if row is None:
        return None
    return Redemption(
        row.redemption_no,
        row.redemption_id,
        row.customer_id,
        row.store_id,
        row.till_id,
        moment(row.redeemed_us),
        row.local_day,
        row.discount_minor,
    )


def latest_told(connection: Connection, session_key: str, customer_id: str) -> datetime | None:
    """The till's time of the customer's last basket that was redeemed under a session key, None where none is known."""
    told = connection.execute(
        select(func.max(redemptions.c.at_us)).where(
            redemptions.c.customer_id == customer_id, redemptions.c.session_key == session_key
        )
    ).scalar_one()
    return None if told is None else moment(told)


def lines_of(connection: Connection, redemption_no: int) -> list[BookedLine]:
    """A redemption's lines in the order of the basket."""
    query = (
        select(*_LINE, redemption_lines.c.rollback_no)
        .where(redemption_lines.c.redemption_no == redemption_no)
        .order_by(redemption_lines.c.line_no)
    )
    return [BookedLine(ReceiptLine(*row[:-1]), row[-1]) for row in connection.execute(query)]


def roll_back(
    connection: Connection,
    redemption: Redemption,
    lines: Sequence[ReceiptLine],
    paid: Sequence[GrantPart],
    now: datetime,
) -> None:
    """Take lines back: an offer none of whose lines stands is free again, so are the favourite's units, and what grants paid.

    Raises:
        Refused: already_rolled_back, one of the lines was taken back before.

    """
    number = connection.execute(
        insert(rollbacks)
        .values(
            redemption_no=redemption.redemption_no,
            rolled_back_us=moment_us(now),
            discount_minor=sum(line.discount_minor for line in lines),
        )
        .returning(rollbacks.c.rollback_no)
    ).scalar_one()
    marked = connection.execute(
        update(redemption_lines)
        .where(
            redemption_lines.c.redemption_no == redemption.redemption_no,
            redemption_lines.c.line_no.in_([line.line_no for line in lines]),
            redemption_lines.c.rollback_no.is_(None),
        )
        .values(rollback_no=number)
    )
    if marked.rowcount != len(lines):
        raise Refused("already_rolled_back", "A line of this redemption was rolled back before.")
    standing = {
        (one.line.bundle_no, one.line.slot)
        for one in lines_of(connection, redemption.redemption_no)
        if one.rollback_no is None
    }
    freed = {(line.bundle_no, line.slot) for line in lines if line.bundle_no is not None} - standing
    for bundle_no, slot in freed:
        connection.execute(
            update(offers)
            .where(
                offers.c.bundle_no == bundle_no,
                offers.c.slot == slot,
                offers.c.state == OfferState.REDEEMED.value,
            )
            .values(state=OfferState.ACTIVATED.value)
        )
        connection.execute(
            update(bundles)
            .where(bundles.c.bundle_no == bundle_no)
            .values(slots_used=bundles.c.slots_used - 1)
        )
    for bundle_no in {bundle_no for bundle_no, _ in freed if bundle_no is not None}:
        render_bundle(connection, bundle_no, now)
    return_parts(connection, redemption.redemption_no, redemption.customer_id, paid, now)
    for line in lines:
        if line.favourite_no is not None:
            connection.execute(
                update(favourite_units)
                .where(
                    favourite_units.c.favourite_no == line.favourite_no,
                    favourite_units.c.local_day == redemption.local_day,
                )
                .values(units_milli=favourite_units.c.units_milli - line.units_milli)
            )


def standing_redemptions(
    connection: Connection, customer_ids: Sequence[str], *, local_day: date, since: datetime
) -> list[StandingRedemption]:
    """Some customers' redemptions of a local day, or later than a moment, of which some line stands."""
    units = func.sum(redemption_lines.c.units_milli)
    rows = connection.execute(
        select(
            redemptions.c.store_id,
            redemptions.c.till_id,
            redemptions.c.redeemed_us,
            redemptions.c.local_day,
            units,
        )
        .join(redemption_lines, redemption_lines.c.redemption_no == redemptions.c.redemption_no)
        .where(
            redemptions.c.customer_id.in_(customer_ids),
            redemption_lines.c.rollback_no.is_(None),
            (redemptions.c.local_day == local_day) | (redemptions.c.redeemed_us > moment_us(since)),
        )
        .group_by(redemptions.c.redemption_no)
        .order_by(redemptions.c.redemption_no)
    )
    return [StandingRedemption(row[0], row[1], moment(row[2]), row[3], int(row[4])) for row in rows]


def redeemed_lines(store: Store, *, since: datetime, until: datetime) -> Iterator[LoggedLine]:
    """Stream the lines redeemed in `[since, until)`, in the order in which they were."""
    query = (
        select(
            redemptions.c.redemption_id,
            redemptions.c.customer_id,
            redemptions.c.store_id,
            redemptions.c.redeemed_us,
            rollbacks.c.rolled_back_us,
            *_LINE,
        )
        .join(redemption_lines, redemption_lines.c.redemption_no == redemptions.c.redemption_no)
        .outerjoin(rollbacks, rollbacks.c.rollback_no == redemption_lines.c.rollback_no)
        .where(redemptions.c.redeemed_us >= moment_us(since), redemptions.c.redeemed_us < moment_us(until))
        .order_by(redemptions.c.redemption_no, redemption_lines.c.line_no)
    )
    with store.reading() as connection:
        for row in connection.execution_options(yield_per=10_000).execute(query):
            back = None if row[4] is None else moment(row[4])
            yield LoggedLine(row[0], row[1], row[2], moment(row[3]), back, ReceiptLine(*row[5:]))


def _take_offers(connection: Connection, receipt: Receipt, now: datetime) -> None:
    moment_now = moment_us(now)
    taken: dict[int, set[int]] = {}
    for line in receipt.lines:
        if line.bundle_no is not None and line.slot is not None:
            taken.setdefault(line.bundle_no, set()).add(line.slot)
    for bundle_no, slots in taken.items():
        slot_taken = connection.execute(
            update(bundles)
            .where(
                bundles.c.bundle_no == bundle_no,
                bundles.c.slots_used + len(slots) <= bundles.c.slots_total,
            )
            .values(
                slots_used=bundles.c.slots_used + len(slots),
                touched_us=func.coalesce(bundles.c.touched_us, moment_now),
            )
        ).rowcount
        redeemed = connection.execute(
            update(offers)
            .where(
                offers.c.bundle_no == bundle_no,
                offers.c.slot.in_(slots),
                offers.c.state == OfferState.ACTIVATED.value,
            )
            .values(
                state=OfferState.REDEEMED.value, touched_us=func.coalesce(offers.c.touched_us, moment_now)
            )
        ).rowcount
        if slot_taken != 1 or redeemed != len(slots):
            raise Refused("offer_taken", _TAKEN)
        render_bundle(connection, bundle_no, now)


def _take_units(connection: Connection, receipt: Receipt) -> None:
    for line in receipt.lines:
        if line.favourite_no is None:
            continue
        row: dict[str, Any] = {"favourite_no": line.favourite_no, "local_day": receipt.local_day}
        insert_unless_there(connection, favourite_units, row | {"units_milli": 0})
        cap_milli = (
            select(favourites.c.max_units * 1000)
            .where(favourites.c.favourite_no == line.favourite_no)
            .scalar_subquery()
        )
        booked = connection.execute(
            update(favourite_units)
            .where(
                favourite_units.c.favourite_no == line.favourite_no,
                favourite_units.c.local_day == receipt.local_day,
                favourite_units.c.units_milli + line.units_milli <= cap_milli,
            )
            .values(units_milli=favourite_units.c.units_milli + line.units_milli)
        )
        if booked.rowcount != 1:
            raise Refused("offer_taken", _TAKEN)
