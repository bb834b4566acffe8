"""What `abonement report` answers of managers' questions: opens the shop, asks the report, writes what was asked for."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.commands.options import existing_store
from models.ground.currencies import minor_digits

if TYPE_CHECKING:
    from engine.programme import Programme
    from engine.reports.drawn_holdout import DrawnHoldout
    from engine.reports.report_figures import ManagersReport, ReportedShop
    from engine.store import Store
    from models.sources import Data

NAMES = (
    "cohorts",
    "members",
    "nps",
    "reasons",
    "trials",
    "upsell",
    "pilot",
    "efficiency",
    "funders",
    "programmes",
)
USUAL_DAYS = 84
# They look at all that the data hold, unless --from says otherwise.
_FROM_THE_BEGINNING = ("cohorts", "nps")
# What tills redeemed is in the store, whichever days are loaded.
_OF_THE_STORE = ("funders", "programmes")


class Asked(NamedTuple):
    """A report as it was asked for."""

    name: str
    workspace: Path
    starts: str | None
    ends: str | None
    within_days: int
    running_cost: float
    programme: Path | None
    csv: Path | None
    out: Path | None
    store_url: str | None


def managers_report(asked: Asked) -> tuple[str, dict[str, Any]]:
    """The report in words and as JSON; its files are written.

    Raises:
        BadInput: the period is empty, or what the report asks about does not exist.
    """
    from engine.reports.funders import claims_frame, funders
    from engine.reports.managers_page import managers_page
    from engine.reports.programmes import programmes
    from engine.reports.report_content import in_words, report_content, report_frame
    from engine.store.checkout.funded_lines import claims_between
    from engine.store.log.programme_use import programme_uses
    from models.ground.durable import write_text
    from models.sources import open_data
    from models.tables.table_files import check_table, write_frame

    if asked.csv is not None:
        check_table(asked.csv)
    data = open_data(asked.workspace)
    with existing_store(asked.workspace, asked.store_url) as store, data.held(), data.blamed_if_damaged():
        rules = _rules(store, asked.programme)
        shop = _shop(data, rules, asked)
        claims = None
        if asked.name == "efficiency":
            found, shop = _efficiency(asked, shop, store, rules)
        elif asked.name == "programmes":
            found = programmes(shop, programme_uses(store, shop.starts.as_of, shop.ends.as_of))
        elif asked.name == "funders":
            claims = claims_between(store, shop.starts.as_of, shop.ends.as_of)
            found = funders(shop, claims)
        else:
            found = _report(asked, shop, store, rules)
    if asked.csv is not None:
        write_frame(report_frame(found, shop) if claims is None else claims_frame(shop, claims), asked.csv)
    if asked.out is not None:
        write_text(asked.out, managers_page(found, shop))
    return in_words(found, shop), report_content(found, shop) | {"csv": asked.csv, "page": asked.out}


def _report(asked: Asked, shop: "ReportedShop", store: "Store", rules: "Programme") -> "ManagersReport":
    from engine.reports.cohorts import cohorts
    from engine.reports.loss_reasons import loss_reasons
    from engine.reports.members import members
    from engine.reports.pilot import pilot
    from engine.reports.published_nights import published_nights
    from engine.reports.survey import survey
    from engine.reports.trials import trials
    from engine.reports.upsell import upsell
    from engine.store.choices.contact_log import all_contacts

    found: ManagersReport
    match asked.name:
        case "cohorts":
            found = cohorts(shop)
        case "members":
            found = members(shop)
        case "nps":
            found = survey(shop, _holdout(store), rules.loyalty.period_days)
        case "upsell":
            found = upsell(shop, _holdout(store))
        case "pilot":
            found = pilot(shop, rules.eligibility.stores or ())
        case "reasons":
            found = loss_reasons(shop, all_contacts(store), *_last_outcomes(asked.workspace, store, shop))
        case _:
            nights, pruned = published_nights(asked.workspace, store, shop)
            found = trials(shop, nights, pruned, asked.within_days)
    return found


def _last_outcomes(workspace: Path, store: "Store", shop: "ReportedShop") -> "tuple[list[Path], date | None]":
    """The files of the last night before the period's end, and its day; none where no night's folder is there."""
    from engine.reports.published_nights import last_night
    from models.ground.moment import Moment

    found = last_night(workspace, store, shop.ends)
    if found is None:
        return [], None
    run, folder = found
    return list(folder.checked_files("outcomes")), Moment(run.as_of, shop.data.timezone).day


def _efficiency(
    asked: Asked, shop: "ReportedShop", store: "Store", rules: "Programme"
) -> "tuple[ManagersReport, ReportedShop]":
    """Of the holdout that began last, in its whole weeks from --from, or its beginning, to --to; and the shop of these days."""
    from engine.measurement.experiment_report import compare, named_experiment, pair_of, reported_weeks
    from engine.reports.efficiency import efficiency

    about = named_experiment(store, None)
    period = reported_weeks(
        shop.data,
        about,
        None if asked.starts is None else shop.starts,
        None if asked.ends is None else shop.ends,
    )
    # What is bought anyway is no part of this report, so no night's files are read.
    arms, lights = compare(
        store,
        shop.data,
        shop.catalogue,
        shop.margins,
        rules,
        about,
        pair_of(about, None),
        period,
        lambda _run: None,
    )
    cost_minor = asked.running_cost * 10 ** minor_digits(shop.data.currency)
    found = efficiency(arms, lights, period, cost_minor, net=shop.catalogue.tax_known)
    return found, replace(shop, starts=period.starts, ends=period.ends)


def _holdout(store: "Store") -> "DrawnHoldout | None":
    """The holdout that began last and everybody in it; None where nobody was ever held out."""
    from engine.measurement.experiment_report import named_experiment
    from engine.reports.drawn_holdout import DrawnHoldout
    from engine.store.log.measured_arms import members_of
    from models.ground.errors import BadInput

    try:
        about = named_experiment(store, None)
    except BadInput:
        return None
    return DrawnHoldout.of(about, members_of(store, about.number))


def _rules(store: "Store", programme: Path | None) -> "Programme":
    from engine.programme import kept_rules, load_programme
    from engine.store.nights.published_products import published_shop

    last = published_shop(store)
    if programme is not None or last is None:
        return load_programme(programme)
    return kept_rules(last.programme, f"the programme of run {last.run_id}").programme


def _shop(data: "Data", rules: "Programme", asked: Asked) -> "ReportedShop":
    """The load and the period: without words of the owner the last USUAL_DAYS that it holds, or all of it."""
    import pandas as pd

    from engine.reports.report_figures import ReportedShop
    from models.features.catalogue import build_catalogue
    from models.features.habits import margins_of
    from models.ground.errors import BadInput
    from models.ground.moment import Moment, local_midnight, parse_moment

    zone = data.timezone
    after_last = Moment(data.last_purchased_at, zone).day + timedelta(days=1)
    ends = local_midnight(after_last, zone) if asked.ends is None else parse_moment(asked.ends, zone, "--to")
    first = Moment(data.first_purchased_at, zone).day
    usual = first if asked.name in _FROM_THE_BEGINNING else max(first, ends.day - timedelta(days=USUAL_DAYS))
    starts = (
        local_midnight(usual, zone) if asked.starts is None else parse_moment(asked.starts, zone, "--from")
    )
    if starts.day >= ends.day:
        raise BadInput(
            f"--to {ends.day} is not after --from {starts.day}; expected a later day, which itself does not count."
        )
    if asked.name not in _OF_THE_STORE and (ends.day > after_last or starts.day < first):
        raise BadInput(
            f"From {starts.day} up to {ends.day} is more than the data hold, {first} up to {after_last}; what is missing would "
            "look like nothing bought. Name days within."
        )
    catalogue = build_catalogue(pd.read_parquet(data.products), rules.prediction.item_level)
    margins = margins_of(catalogue.items, rules.assumed_margin_bp.of, rules.loyalty.period_days)
    return ReportedShop(data, catalogue, margins, starts, ends)
