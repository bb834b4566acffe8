"""`abonement overdue`: which customers are late by their own cycle, what they are due to buy, and what is at stake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store, store_address
from models.ground.currencies import written
from models.running.terminal import answer, progress_bar
from models.tables import CUSTOMER_ID

if TYPE_CHECKING:
    from engine.measurement.overdue_list import Overdue
    from models.sources import Data


def overdue(
    workspace: Workspace,
    as_of: Annotated[
        str, typer.Option(help="A local day, or a time with zone; nothing at or after it is known.")
    ],
    out: Annotated[Path, typer.Option(help="File to write: .parquet, .csv or .jsonl.")],
    programme: Annotated[
        Path | None, typer.Option(help="The owner's rules; the shipped programme.toml without it.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="How many days more they may stay away; else the model's first.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """List customers late by their own cycle, worst expected loss first; contacts are respected."""
    from engine.measurement.overdue_list import overdue_list
    from engine.programme import load_programme
    from engine.store import store_file
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from models.tables.table_files import check_table, write_frame

    check_table(out)
    rules = load_programme(programme)
    data = open_data(workspace)
    moment = parse_moment(as_of, data.timezone)
    address = store_address(workspace, store_url)
    if store_url is None and not store_file(address).is_file():  # before the first night nobody was contacted
        with progress_bar() as progress:
            found = overdue_list(workspace, data, moment, rules, None, horizon, jobs, progress)
    else:
        with existing_store(workspace, store_url) as store, progress_bar() as progress:
            found = overdue_list(workspace, data, moment, rules, store, horizon, jobs, progress)
    write_frame(found.customers, out)
    answer(_sentence(found, out, data), _facts(found, out), as_json)


def _facts(found: "Overdue", out: Path) -> dict[str, object]:
    late = found.customers
    spend = late["spend_at_stake_minor"].sum()
    assumed = (late["margin_assumed_share"] * late["spend_at_stake_minor"]).sum() / spend if spend else 0.0
    return {
        "customers": len(late),
        "expected_to_stay_away": round(float(late["p_stays_away"].sum()), 1),
        "horizon_days": int(late["horizon_days"].iloc[0]) if len(late) else None,
        "expected_loss_minor": int(late["expected_loss_minor"].sum()),
        "stake_days": int(late["stake_days"].iloc[0]) if len(late) else None,
        "margin_assumed_share": round(float(assumed), 4),
        "net_of_vat": found.net_of_vat,
        "left_off_quiet": found.quiet,
        "left_off_moved": found.moved,
        "left_off_no_consent": found.no_consent,
        "out": out,
    }


def _sentence(found: "Overdue", out: Path, data: "Data") -> str:
    from engine.measurement.metric_definitions import margin_basis

    facts = _facts(found, out)
    if not len(found.customers):
        lines = [f"Nobody is late by their own cycle; {out} is empty."]
    else:
        loss, assumed = found.customers["expected_loss_minor"].sum(), facts["margin_assumed_share"]
        lines = [
            (
                f"{len(found.customers):,} customers are late by their own cycle; {facts['expected_to_stay_away']:,} of them "
                f"are expected to stay away another {facts['horizon_days']} days."
            ),
            (
                f"Expected loss: {written(loss, data.currency)} {data.currency} of margin in {facts['stake_days']} days"
                f" ({assumed:.0%} of the spend with an assumed margin); {margin_basis(net=found.net_of_vat)}."
            ),
        ]
        worst = found.customers.head(3)
        for name, p, money, why in zip(
            worst[CUSTOMER_ID],
            worst["p_stays_away"],
            worst["expected_loss_minor"],
            worst["reasons"],
            strict=True,
        ):
            lines.append(f"  {name}: {p:.0%} to stay away, {written(money, data.currency)} at risk; {why}")
        lines.append(f"Wrote {out}.")
    if found.quiet or found.moved or found.no_consent:
        lines.append(
            f"Left off: {found.quiet:,} contacted of late, {found.moved:,} moved, {found.no_consent:,} without consent."
        )
    return "\n".join(lines)
