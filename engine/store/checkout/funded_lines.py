"""What suppliers pay of what was redeemed: booked with each line by the offer's frozen terms, and claimed of them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, insert, or_, select

from engine.domain.funding import Funding
from engine.store.checkout.receipts import Receipt
from engine.store.database.store import Store
from engine.store.schema import moment_us, offers
from engine.store.schema.checkout_tables import redemption_lines, redemptions, rollbacks
from engine.store.schema.funding_tables import funded_lines, funded_offers


class FunderClaim(NamedTuple):
    """What an agreement owes for a period; money in minor units, units in thousandths.

    Attributes:
        funder, agreement, funded_bp, unit_cap_minor: the terms by which it was booked.
        redemptions: receipts of the period with a line of it.
        units_milli, discount_minor, funded_minor: of all its lines of the period.
        returned_lines, returned_units_milli, returned_discount_minor, returned_minor: of lines that came back in the period,
            whenever they were redeemed.
    """

    funder: str
    agreement: str
    funded_bp: int
    unit_cap_minor: int | None
    redemptions: int
    units_milli: int
    discount_minor: int
    funded_minor: int
    returned_lines: int
    returned_units_milli: int
    returned_discount_minor: int
    returned_minor: int

    @property
    def claimed_minor(self) -> int:
        """What is left to claim; below nothing where more came back than was redeemed."""
        return self.funded_minor - self.returned_minor


def book_fundings(connection: Connection, redemption_no: int, receipt: Receipt) -> None:
    """Write what suppliers pay of a receipt's lines, in the caller's transaction; nothing of what stood in for their goods."""
    of_bundles = {line.bundle_no for line in receipt.lines if line.bundle_no is not None}
    if not of_bundles:
        return
    found = connection.execute(
        select(funded_offers, offers.c.item_id, offers.c.price_minor)
        .join(
            offers,
            and_(offers.c.bundle_no == funded_offers.c.bundle_no, offers.c.slot == funded_offers.c.slot),
        )
        .where(funded_offers.c.bundle_no.in_(sorted(of_bundles)))
    ).all()
    items = {(row.bundle_no, row.slot): row.item_id for row in found if row.price_minor is not None}
    terms = {
        (row.bundle_no, row.slot): Funding(
            row.funder, row.agreement, row.funded_bp, row.unit_cap_minor, row.expected_milli
        )
        for row in found
    }
    rows = [
        {
            "redemption_no": redemption_no,
            "line_no": line.line_no,
            "funder": paid.funder,
            "agreement": paid.agreement,
            "funded_bp": paid.funded_bp,
            "unit_cap_minor": paid.unit_cap_minor,
            "funded_minor": paid.part_of(line.discount_minor, line.units_milli),
        }
        for line in receipt.lines
        if line.bundle_no is not None
        and (paid := terms.get(place := (line.bundle_no, line.slot or 0))) is not None
        and items.get(place, line.product_id) == line.product_id
    ]
    if rows:
        connection.execute(insert(funded_lines), rows)


def claims_between(store: Store, since: datetime, until: datetime) -> list[FunderClaim]:
    """What is claimed of suppliers for `[since, until)`, by terms: what was redeemed then, less what came back then."""
    redeemed = and_(
        redemptions.c.redeemed_us >= moment_us(since), redemptions.c.redeemed_us < moment_us(until)
    )
    returned = and_(
        rollbacks.c.rolled_back_us >= moment_us(since), rollbacks.c.rolled_back_us < moment_us(until)
    )
    terms = (
        funded_lines.c.funder,
        funded_lines.c.agreement,
        funded_lines.c.funded_bp,
        funded_lines.c.unit_cap_minor,
    )
    amounts = (redemption_lines.c.units_milli, redemption_lines.c.discount_minor, funded_lines.c.funded_minor)
    query = (
        select(
            *terms,
            func.count(case((redeemed, redemptions.c.redemption_no)).distinct()),
            *(func.sum(case((redeemed, amount), else_=0)) for amount in amounts),
            func.count(case((returned, 1))),
            *(func.sum(case((returned, amount), else_=0)) for amount in amounts),
        )
        .join(redemptions, redemptions.c.redemption_no == funded_lines.c.redemption_no)
        .join(
            redemption_lines,
            and_(
                redemption_lines.c.redemption_no == funded_lines.c.redemption_no,
                redemption_lines.c.line_no == funded_lines.c.line_no,
            ),
        )
        .outerjoin(rollbacks, rollbacks.c.rollback_no == redemption_lines.c.rollback_no)
        .where(or_(redeemed, returned))
        .group_by(*terms)
        .order_by(*terms)
    )
    with store.reading() as connection:
        return [FunderClaim(*row[:4], *map(int, row[4:])) for row in connection.execute(query)]
