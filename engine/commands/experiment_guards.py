"""The guards of experiments at the terminal: after a night, and for `abonement experiment status --guards`."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.measurement.judged_guards import JudgedArm
    from engine.store import Store
    from models.ground.moment import Moment


def guards_after_night(workspace: Path, store: "Store", moment: "Moment") -> list[str]:
    """What is said of guards that got worse, once a week is over; an experiment whose file says so is ended."""
    from engine.measurement.judged_guards import a_week_is_over, by_the_stop_rule
    from models.sources import open_data

    if not a_week_is_over(store, moment):
        return []
    return by_the_stop_rule(store, judged_guards(workspace, store), open_data(workspace).currency)


def judged_guards(workspace: Path, store: "Store") -> "list[JudgedArm]":
    """The guards of every experiment that runs, on the purchases that are loaded, by the rules of the last night."""
    import pandas as pd

    from engine.measurement.judged_guards import judge_running
    from engine.programme import kept_rules, load_programme
    from engine.store.nights.published_products import published_shop
    from models.features.catalogue import build_catalogue
    from models.features.habits import margins_of
    from models.sources import open_data

    data, last = open_data(workspace), published_shop(store)
    rules = (
        load_programme(None)
        if last is None
        else kept_rules(last.programme, f"the programme of run {last.run_id}").programme
    )
    with data.held(), data.blamed_if_damaged():
        catalogue = build_catalogue(pd.read_parquet(data.products), rules.prediction.item_level)
        margins = margins_of(catalogue.items, rules.assumed_margin_bp.of, rules.loyalty.period_days)
        return judge_running(store, data, catalogue, margins, rules)
