"""Arms that were not alike before their experiment began are an alarm of every night; a fair draw is none."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import update
from typer.testing import CliRunner

from engine.cli import app
from engine.commands.night_summary import night_summary
from engine.domain.arms import DrawnAs
from engine.nightly.folder.prune import what_to_prune
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.guard.alike_before import AT_MOST, FIGURES, apart_before
from engine.nightly.guard.arm_inspection import in_words
from engine.nightly.run import NightResult
from engine.store import Store
from engine.store.nights.kept_experiments import begin_experiment, end_experiment
from engine.store.schema.experiment_tables import assignments
from tests.engine.bundles import MONDAY, a_night
from tests.engine.nightly.shop_nights import SECOND_NIGHT, night

FIRST = "2024-03-31.1"
ACCEPTED = ("holdout_leakage", "arms_redrawn", "known_customers", "empty_bundles")


def shoppers(customers: int, seed: int = 1) -> pd.DataFrame:
    """What a night knows of customers: some come often, a few spend very much."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(8 * rng.gamma(1.2, 1.0, customers))
    money = (visits * rng.lognormal(5.0, 1.0, customers)).round()
    figures = [visits + rng.poisson(20, customers), visits, rng.integers(0, 90, customers), money]
    return pd.DataFrame(dict(zip(FIGURES, figures, strict=True))).astype("float64")


def held_out_by_spending(workspace: Path, store: Store) -> None:
    """In the store the 25 who brought most before the first night are held out, all others treated."""
    files = sorted((RunFolder.of(workspace, FIRST).path / "people").glob("*.parquet"))
    people = pd.concat([pd.read_parquet(file) for file in files])
    best = people.sort_values("margin_minor", na_position="first")["customer_id"].tolist()[-25:]
    with store.writing() as connection:
        connection.execute(update(assignments).values(arm="treated"))
        connection.execute(
            update(assignments).where(assignments.c.customer_id.in_(best)).values(arm="holdout")
        )


def redrawn_night(workspace: Path, store: Store) -> NightResult:
    held_out_by_spending(workspace, store)
    return night(workspace, SECOND_NIGHT, accepted=ACCEPTED)


def test_a_fair_draw_is_alike_and_one_by_money_is_not() -> None:
    people, unit = shoppers(400), np.arange(400)
    fair = np.random.default_rng(2).random(400) < 0.9
    by_money = people["margin_minor"].rank().to_numpy() <= 360
    one, other = apart_before(people, fair, unit), apart_before(people, by_money, unit)
    assert one is not None
    assert other is not None
    assert one["p"] > 0.01
    assert other["p"] <= AT_MOST
    assert other["apart"]["margin_minor"] < -1


def test_arms_of_too_few_households_are_not_compared() -> None:
    treated = np.arange(400) >= 19
    assert apart_before(shoppers(400), treated, np.arange(400)) is None


def test_a_household_in_both_arms_is_left_out() -> None:
    people, treated, unit = shoppers(400), np.arange(400) >= 40, np.arange(400)
    unit[399] = unit[0]
    found = apart_before(people, treated, unit)
    assert found is not None
    assert found["households"] == [359, 39]


def test_arms_redrawn_by_spending_are_an_alarm_wherever_a_night_is_told_of(
    lived_shop: Path, its_store: Store
) -> None:
    run = redrawn_night(lived_shop, its_store)
    arms = run.manifest["arms"]
    balance = arms["experiments"]["holdout-1"]["balance"]
    assert balance["night"] == FIRST
    assert balance["arms"]["treated"]["p"] <= AT_MOST
    (said,) = (alarm for alarm in arms["alarms"] if "not alike" in alarm)
    assert said.startswith(
        "holdout-1: treated and holdout were not alike before it began, furthest apart in "
    )
    assert in_words(arms)[0].endswith("; treated not alike before (p = 0.000)")
    assert f"  warning    {said}" in night_summary(run, "EUR", 90)
    shown = CliRunner().invoke(app, ["runs", "show", "current", "--workspace", str(lived_shop)])
    assert f"  warning     {said}" in shown.output


def test_the_folder_of_the_night_that_began_an_experiment_stays_as_long_as_it_runs(
    embedded_store: Store, tmp_path: Path
) -> None:
    with embedded_store.writing() as connection:
        number = begin_experiment(
            connection,
            name="holdout-1",
            layer="holdout",
            drawn_as=DrawnAs.HOUSEHOLD,
            salt="s",
            definition={"share": 0.1},
            started=MONDAY,
        )
    for day in (MONDAY.date(), date(2017, 12, 11), date(2018, 2, 12)):
        a_night(embedded_store, ["anna"], night=day)
        (RunFolder.of(tmp_path, f"{day}.1").path / "people").mkdir(parents=True)
    assert what_to_prune(tmp_path, embedded_store, 1).folders == ("2017-12-11.1",)
    with embedded_store.writing() as connection:
        end_experiment(connection, number, stopped=MONDAY, because="over")
    assert what_to_prune(tmp_path, embedded_store, 1).folders == ("2017-12-04.1", "2017-12-11.1")
