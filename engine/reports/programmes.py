"""How each of the shop's programmes is used: bundles that ended in the period, and what tills gave on their offers in it."""

from collections.abc import Sequence

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
from engine.store.log.programme_use import ProgrammeUse
from models.ground.currencies import written

_HEADS = ("nights", "customers", "bundles", "used", "items used", "expected", "given", "of it funded")
_UNNAMED = "without a name"


def programmes(shop: ReportedShop, uses: Sequence[ProgrammeUse]) -> ManagersReport:
    """A line for each programme."""
    table = ReportTable(
        "programmes",
        "Use by programme",
        "Nights, customers, bundles: of bundles that ended in the period. Used: those of which an item was redeemed. Items used: of "
        "all that could be. Expected: their discount as the nights planned it. Given: what tills took off in the period, less what "
        "came back; of it funded: what suppliers pay.",
        _HEADS,
        [_line(one) for one in uses],
    )
    return ManagersReport(
        "programmes",
        "What each programme gave",
        _answer(shop, uses),
        (
            (
                "Who gets a programme is chosen by it: that its customers use more, or buy more, does not say what it brings. That is "
                "compared by lot (`abonement experiment report`)."
            ),
        ),
        [table] if uses else [],
    )


def _line(use: ProgrammeUse) -> ReportLine:
    n = use.bundles
    return ReportLine(
        use.programme or _UNNAMED,
        [
            ShownFigure(float(use.nights), COUNT, n),
            ShownFigure(float(use.customers), COUNT, n),
            ShownFigure(float(n), COUNT, n),
            _share(use.bundles_used, n),
            _share(use.slots_used, use.slots),
            ShownFigure(use.expected_minor, TOTAL, n),
            ShownFigure(float(use.given_minor), TOTAL, n),
            ShownFigure(float(use.funded_minor), TOTAL, n),
        ],
    )


def _share(part: int, whole: int) -> ShownFigure:
    if not whole:
        return ShownFigure(None, SHARE, 0)
    return ShownFigure(part / whole, SHARE, whole)


def _answer(shop: ReportedShop, uses: Sequence[ProgrammeUse]) -> str:
    if not uses:
        return "No programme's bundles ended in the period, and no offer was used."
    said = ", ".join(
        f"{one.programme or _UNNAMED} {written(one.given_minor, shop.data.currency)}" for one in uses
    )
    return f"Given in {shop.data.currency}: {said}."
