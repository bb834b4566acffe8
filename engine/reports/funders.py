"""What is claimed of suppliers: their part of the discounts redeemed in the period, less that of goods that came back in it.

Each line's part was booked with its redemption by the terms that stood when the offer was published, so a claim says tomorrow
what it says today, whatever agreements are loaded meanwhile and whoever is erased: it holds sums, and names nobody. A return is
taken off in the period in which it happens, so that a claim that was settled is not changed afterwards.
"""

from collections.abc import Sequence

import pandas as pd

from engine.reports.report_figures import (
    COUNT,
    SHARE,
    TOTAL,
    ManagersReport,
    ReportedShop,
    ReportLine,
    ReportTable,
    ShownFigure,
)
from engine.store.checkout.funded_lines import FunderClaim
from models.ground.currencies import written

_BP = 10_000
_HEADS = ("part", "redemptions", "units", "discount", "funded", "lines returned", "returned", "claimed")


def funders(shop: ReportedShop, claims: Sequence[FunderClaim]) -> ManagersReport:
    """The claims of the period, a line for each agreement's terms."""
    table = ReportTable(
        "claims",
        "Claims by agreement",
        "Redemptions: receipts of the period with such an offer. Units and discount: on them. Funded: the supplier's part of that "
        "discount. Returned: their part of lines that came back in the period, whenever they were redeemed. Claimed: funded less "
        "returned. Money in all as tills took it off, VAT included.",
        _HEADS,
        [_line(one, shop.data.currency) for one in claims],
    )
    return ManagersReport(
        "funders",
        "What suppliers owe",
        _answer(shop, claims),
        ("The till's own promotions and the favourite are the shop's, and no part of a claim.",),
        [table] if claims else [],
    )


def claims_frame(shop: ReportedShop, claims: Sequence[FunderClaim]) -> pd.DataFrame:
    """A row a claim, money in minor units, for the supplier's books."""
    period = {"from": shop.starts.day.isoformat(), "to": shop.ends.day.isoformat()}
    columns = [*FunderClaim._fields[:2], *period, "currency", *FunderClaim._fields[2:], "claimed_minor"]
    rows = [
        one._asdict() | period | {"currency": shop.data.currency, "claimed_minor": one.claimed_minor}
        for one in claims
    ]
    return pd.DataFrame(rows, columns=columns).astype({"unit_cap_minor": "Int64"})


def _line(claim: FunderClaim, currency: str) -> ReportLine:
    n = claim.redemptions
    cap = claim.unit_cap_minor
    most = "" if cap is None else f", at most {written(cap, currency)} a unit"
    figures = (
        (claim.funded_bp / _BP, SHARE),
        (n, COUNT),
        (claim.units_milli / 1000, COUNT),
        (claim.discount_minor, TOTAL),
        (claim.funded_minor, TOTAL),
        (claim.returned_lines, COUNT),
        (claim.returned_minor, TOTAL),
        (claim.claimed_minor, TOTAL),
    )
    return ReportLine(
        f"{claim.funder}, {claim.agreement}{most}",
        [ShownFigure(float(value), unit, n) for value, unit in figures],
    )


def _answer(shop: ReportedShop, claims: Sequence[FunderClaim]) -> str:
    if not claims:
        return (
            "No supplier's offer was redeemed in the period, and none came back: there is nothing to claim."
        )
    by_funder: dict[str, int] = {}
    for one in claims:
        by_funder[one.funder] = by_funder.get(one.funder, 0) + one.claimed_minor
    said = ", ".join(
        f"{name} {written(minor, shop.data.currency)}" for name, minor in sorted(by_funder.items())
    )
    return f"To be claimed, in {shop.data.currency}: {said}."
