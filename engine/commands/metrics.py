"""`abonement metrics`: what the programme's customers did in a period, by definitions that do not change."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.ground.currencies import written
from models.running.terminal import answer, number_of
from models.tables import CUSTOMER_ID

if TYPE_CHECKING:
    import pandas as pd

    from engine.measurement.programme_metrics import Segments
    from engine.store import Store
    from engine.store.grants.grant_sums import GrantTotals


_NO_BUNDLE = "no bundle"
_NAMED = 3  # programmes of one customer that a segment names


class By(StrEnum):
    """What may divide the customers: columns of `abonement export --what customers`, and the programmes that they are in."""

    LADDER = "ladder"
    LOYALTY = "loyalty"
    ARM = "arm"
    PROGRAMME = "programme"  # whose bundles they have when the period begins


def metrics(
    workspace: Workspace,
    starts: Annotated[str, typer.Option("--from", help="First local day of the period.")],
    ends: Annotated[str, typer.Option("--to", help="First local day after the period.")],
    by: Annotated[
        By | None,
        typer.Option(help="Also for each segment, as the last night up to --from saw the customers."),
    ] = None,
    programme: Annotated[
        Path | None, typer.Option(help="The programme's rules, for assumed margins and periods.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write: .parquet, .csv or .jsonl.")] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Retention, churn, value, repeat, upsell, frequency, basket, breadth, Pareto share, NPS and CSI of a period."""
    import pandas as pd

    from engine.measurement.period_totals import MeasuredPeriod
    from engine.measurement.programme_metrics import programme_metrics
    from engine.programme import load_programme
    from engine.store.grants.grant_sums import grant_totals
    from models.features.catalogue import build_catalogue
    from models.features.habits import margins_of
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from models.tables.table_files import check_table, write_frame

    if out is not None:
        check_table(out)
    data, rules = open_data(workspace), load_programme(programme)
    period = MeasuredPeriod(
        parse_moment(starts, data.timezone, "--from"),
        parse_moment(ends, data.timezone, "--to"),
        rules.loyalty.period_days,
    )
    with (
        existing_store(workspace, store_url) as store,
        data.held(),
        data.blamed_if_damaged(),
    ):
        catalogue = build_catalogue(pd.read_parquet(data.products), rules.prediction.item_level)
        margins = margins_of(catalogue.items, rules.assumed_margin_bp.of, rules.loyalty.period_days)
        segments = None if by is None else _segments(store, workspace, by, period.starts.as_of)
        found = programme_metrics(data, catalogue, margins, period, segments)
        _keep(store, found, period.starts.day, period.ends.day, by, data.load_id)
        given = grant_totals(store, period.starts.as_of, period.ends.as_of)
    if out is not None:
        write_frame(found, out)
    facts = {
        "from": period.starts.day,
        "to": period.ends.day,
        "by": by,
        "out": out,
        "net_of_vat": catalogue.tax_known,
        "metrics": found.astype(object).where(found.notna(), None).to_dict("records"),
        "grants": [one._asdict() | {"cost_minor": one.cost_minor} for one in given],
    }
    said = _said(found, period.starts.day, period.ends.day, data.currency, out, net=catalogue.tax_known)
    said = "\n".join([said, *(_granted(one, data.currency) for one in given)])
    answer(said, facts, as_json)


def _segments(store: "Store", workspace: Path, by: By, at: datetime) -> "Segments":
    """Each bucket's customers as the last published night up to a moment saw them; BadInput without one."""
    import pandas as pd

    from engine.nightly.folder.run_folder import RunFolder
    from engine.store.nights.run_records import all_runs
    from engine.store.schema import PUBLISHED
    from models.ground.errors import BadInput

    runs = [run for run in all_runs(store) if run.state == PUBLISHED and run.as_of <= at]
    if not runs:
        raise BadInput(
            f"No night up to --from {at.date()} is published, so nobody's segment at the start is known; choose a "
            "later day, or leave --by out."
        )
    latest = max(runs, key=lambda run: (run.as_of, run.run_no))
    files = RunFolder.of(workspace, latest.run_id).checked_files("people")
    columns = [CUSTOMER_ID, *([] if by is By.PROGRAMME else [by.value])]
    seen = pd.concat([pd.read_parquet(file, columns=columns) for file in files])
    if by is By.PROGRAMME:
        seen = seen.assign(programme=seen[CUSTOMER_ID].map(_programmes(store, at)).fillna(_NO_BUNDLE))
    placed = seen.rename(columns={by.value: "segment"})
    return lambda _bucket: placed


def _programmes(store: "Store", at: datetime) -> dict[str, str]:
    """Whose bundles customers have at a moment: `weekly`, or `daily+weekly` of two."""
    from engine.store.log.programme_use import programmes_at

    theirs: dict[str, list[str]] = {}
    for customer_id, name in programmes_at(store, at):
        theirs.setdefault(customer_id, []).append(name or "without a name")
    return {
        customer_id: "+".join(names) if len(names) <= _NAMED else f"{len(names)} programmes"
        for customer_id, names in theirs.items()
    }


def _keep(
    store: "Store", found: "pd.DataFrame", starts: date, ends: date, by: By | None, load_id: str
) -> None:
    from engine.store.log.period_summaries import Summary, keep_summaries

    now = datetime.now(UTC)
    keep_summaries(
        store,
        tuple(
            Summary(
                starts,
                ends,
                "" if by is None else by.value,
                str(segment),
                now,
                load_id,
                {
                    metric: None if value != value else value  # noqa: PLR0124 - NaN is the one that differs
                    for metric, value in zip(rows["metric"], rows["value"], strict=True)
                },
            )
            for segment, rows in found.groupby("segment", sort=False)
        ),
    )


def _said(
    found: "pd.DataFrame", starts: date, ends: date, currency: str, out: Path | None, *, net: bool
) -> str:
    """The table as people read it: a block for each segment, shares in percent, money in the currency."""
    from engine.measurement.metric_definitions import margin_basis

    lines = [f"{starts} up to {ends}, which does not count."]
    for segment, rows in found.groupby("segment", sort=False):
        lines.append(f"{segment}: {rows['customers'].iloc[0]:,} customers bought")
        lines.extend(_lines(rows.itertuples(index=False), currency))
    lines.append(
        "In brackets what holds the true figure in 95 of 100 such groups, and how many it rests on. Where the brackets of "
        "two groups overlap, the difference may be chance."
    )
    lines.append(f"Of money only lifetime_value is margin; {margin_basis(net=net)}.")
    if out is not None:
        lines.append(f"Wrote {len(found):,} metrics to {out}.")
    return "\n".join(lines)


def _granted(one: "GrantTotals", currency: str) -> str:
    given, used, returned, cancelled, cost = (
        written(minor, currency)
        for minor in (
            one.given_minor,
            one.used_minor,
            one.returned_minor,
            one.cancelled_minor,
            one.cost_minor,
        )
    )
    return (
        f"Grants, {one.kind.value}: {given} {currency} given to {number_of(one.customers, 'customer')}; used {used}, returned "
        f"{returned}, taken back {cancelled}; they cost {cost} {currency}, which is in no other figure here."
    )


def _lines(rows: Iterable[tuple[object, ...]], currency: str) -> Iterable[str]:
    from engine.measurement.metric_definitions import MONEY

    def shown(amount: object, unit: str) -> str:
        value = float(str(amount))
        if unit == "share":
            return f"{value:.1%}"
        return written(value, currency) if unit == MONEY else f"{value:,.2f}"

    for _segment, metric, value, unit, undefined, _customers, n, low, high in rows:
        if isinstance(undefined, str):
            yield f"  {metric:<22} not defined: {undefined}"
            continue
        called = str(unit)
        named = {"share": "", MONEY: f" {currency}"}.get(called, f" {called}")
        unsure = "" if str(low) == "nan" else f"[{shown(low, called)} to {shown(high, called)}], "
        yield f"  {metric:<22} {shown(value, called)}{named}  ({unsure}n = {n:,})"
