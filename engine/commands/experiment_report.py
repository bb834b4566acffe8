"""`abonement experiment report`: what came of an experiment or of the holdout."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.ground.currencies import minor_digits
from models.running.terminal import answer
from models.tables import CUSTOMER_ID, P_CHURN

_DIVISIONS = {"ladder": "ladder", "loyalty": "loyalty", P_CHURN: "risk of leaving"}

if TYPE_CHECKING:
    from engine.measurement.experiment_report import ExperimentReport, FilesOfNight
    from engine.measurement.experiment_segments import Divisions
    from engine.measurement.own_offers import NightFiles
    from engine.store import Store
    from engine.store.nights.run_records import Run


def experiment_report(
    workspace: Workspace,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which experiment; the holdout without it.")
    ] = None,
    starts: Annotated[
        str | None, typer.Option("--from", help="First local day; the experiment's first without it.")
    ] = None,
    ends: Annotated[
        str | None,
        typer.Option("--to", help="First local day that does not count; as far as the data without it."),
    ] = None,
    arm: Annotated[
        str | None, typer.Option(help="Which arm is compared with the first one, where there are several.")
    ] = None,
    programme: Annotated[
        Path | None, typer.Option(help="The programme's rules; those of the last night without it.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="File to write every figure to: .csv, .parquet, .jsonl.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="HTML file to write: the report as one page.")] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """What the offers are worth: both arms compared, with how sure that is, in a sentence and a table."""
    import pandas as pd

    from engine.measurement.experiment_report import (
        compare,
        experiment_report,
        named_experiment,
        pair_of,
        reported_weeks,
    )
    from engine.measurement.report_facts import report_rows
    from engine.measurement.report_words import answer_in_words, table_in_words
    from engine.programme import kept_rules, load_programme
    from engine.store.nights.published_products import published_shop
    from models.features.catalogue import build_catalogue
    from models.features.habits import margins_of
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from models.tables.table_files import check_out, check_table, write_frame

    if csv is not None:
        check_table(csv)
    if page is not None:
        check_out(page)
    data = open_data(workspace)
    first = None if starts is None else parse_moment(starts, data.timezone, "--from")
    end = None if ends is None else parse_moment(ends, data.timezone, "--to")
    with existing_store(workspace, store_url) as store, data.held(), data.blamed_if_damaged():
        about = named_experiment(store, name)
        pair, period = pair_of(about, arm), reported_weeks(data, about, first, end)
        last = published_shop(store)
        rules = (
            load_programme(programme)
            if programme is not None or last is None
            else kept_rules(last.programme, f"the programme of run {last.run_id}").programme
        )
        catalogue = build_catalogue(pd.read_parquet(data.products), rules.prediction.item_level)
        margins = margins_of(catalogue.items, rules.assumed_margin_bp.of, rules.loyalty.period_days)
        arms, seen = compare(
            store, data, catalogue, margins, rules, about, pair, period, _files_in(workspace)
        )
        divisions = _divisions(store, workspace, period.began.as_of)
    report = experiment_report(about, pair, period, arms, seen, divisions, net=catalogue.tax_known)
    sentence = answer_in_words(report, data.currency)
    if csv is not None:
        write_frame(report_rows(report), csv)
    if page is not None:
        from engine.measurement.experiment_page import experiment_page
        from models.ground.durable import write_text

        write_text(page, experiment_page(report, data.currency))
    answer(
        "\n".join([sentence, *table_in_words(report, data.currency)]),
        _facts(report, sentence, data.currency) | {"csv": csv, "page": page},
        as_json,
    )


def _files_in(workspace: Path) -> "FilesOfNight":
    from engine.measurement.own_offers import NightFiles
    from engine.nightly.folder.run_folder import RunFolder

    def files(run: "Run") -> "NightFiles | None":
        folder = RunFolder.of(workspace, run.run_id)
        if not folder.path.is_dir():
            return None
        return NightFiles(run.as_of, folder.slot_files(), folder.shadow_files(), folder.claim)

    return files


def _divisions(store: "Store", workspace: Path, began: datetime) -> "Divisions":
    """Ladder, kind of loyalty and risk of leaving as the last night up to the beginning saw customers; none where it is gone."""
    import pandas as pd

    from engine.nightly.folder.run_folder import RunFolder
    from engine.store.nights.run_records import all_runs
    from engine.store.schema import PUBLISHED

    runs = [one for one in all_runs(store) if one.state == PUBLISHED and one.as_of <= began]
    if not runs:
        return {}
    folder = RunFolder.of(workspace, max(runs, key=lambda one: (one.as_of, one.run_no)).run_id)
    if not folder.is_finished:
        return {}
    found: dict[str, pd.Series[Any]] = {}
    for kind, names in (("people", ("ladder", "loyalty")), ("outcomes", (P_CHURN,))):
        files = folder.checked_files(kind)
        if files:
            read = pd.concat([pd.read_parquet(file, columns=[CUSTOMER_ID, *names]) for file in files])
            found |= {_DIVISIONS[name]: read.set_index(CUSTOMER_ID)[name] for name in names}
    return found


def _facts(report: "ExperimentReport", sentence: str, currency: str) -> dict[str, Any]:
    from engine.measurement.report_facts import anyway_facts, misleading_facts, row_facts
    from engine.measurement.report_words import weeks_to_halve

    low, high = report.margin_interval
    return {
        "experiment": report.name,
        "answer": sentence,
        "from": report.period.starts.day,
        "to": report.period.ends.day,
        "weeks": report.period.weeks,
        "planned_weeks": report.planned_weeks,
        "arms": dict(zip(("treated", "control"), report.pair, strict=True)),
        "customers": report.customers,
        "households": report.households,
        "currency": currency,
        "minor_digits": minor_digits(currency),
        "net_of_vat": report.net,
        "margin": {
            "difference": report.row("margin").difference.value,
            "low": low,
            "high": high,
            "valid_at_every_look": not report.judged_once,
        },
        "weeks_to_halve": weeks_to_halve(report),
        "figures": [row_facts(one) for one in report.rows],
        "by_week": [one._asdict() for one in report.looks],
        "active_by_week": [{"treated": one, "control": other} for one, other in report.retention],
        "bought_anyway": anyway_facts(report.anyway),
        "segments": [one._asdict() for one in report.segments],
        "misleading": [misleading_facts(one) for one in report.misleading],
        "guards": [one.as_facts() for one in report.guards],
        "lights": [one._asdict() for one in report.lights],
    }
