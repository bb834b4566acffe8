"""Reports on a written-out shop: sixty customers, of whom the first forty came in January and the others in February."""

import json
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.arms import DrawnAs, arm_of, salt_from
from engine.domain.bundle import OfferState
from engine.domain.contacts import Channel, Contact, Found
from engine.domain.offer_errors import OfferError
from engine.programme import programme_text
from engine.reports.loss_reasons import code_of
from engine.reports.managers_page import grid_of
from engine.reports.report_figures import SHARE, ReportLine, ReportTable, ShownFigure
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.choices.contact_log import record_contacts
from engine.store.nights.assigned_arms import Placed, assign_all
from engine.store.nights.kept_experiments import begin_experiment
from engine.wording.churn_sentences import WORDS, in_words
from models import sources
from models.customers.churn_reasons import ChurnReason
from models.ground.exit_codes import exit_code_of
from tests.engine.shop import publish_shop
from tests.shop import TABLES_TOML

CUSTOMERS = [f"kunde-{number:02d}" for number in range(60)]
JANUARY, FEBRUARY, MARCH = (datetime(2024, month, 10, 12, tzinfo=UTC) for month in (1, 2, 3))


def bought(customer: str, at: datetime, product: str, paid: int) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "purchased_at": at,
        "basket_id": f"{customer}-{at:%j}",
        "line_no": {"milk": 1, "bread": 2}[product],
        "product_id": product,
        "quantity_milli": 1000,
        "unit": "piece",
        "paid": paid,
        "discount": 0,
        "store_id": "330",
    }


def write_tables(folder: Path, known_since: datetime | None = None) -> None:
    folder.mkdir(parents=True)
    (folder / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
    lines = [bought(who, JANUARY if n < 40 else FEBRUARY, "milk", 100) for n, who in enumerate(CUSTOMERS)]
    # Thirty of January's come back after 31 days, and of these 24 buy bread for the first time in March.
    lines += [bought(who, JANUARY + timedelta(days=31), "milk", 100) for who in CUSTOMERS[:30]]
    lines += [bought(who, MARCH, "milk", 100) for who in CUSTOMERS[:30]]
    lines += [bought(who, MARCH, "bread", 300) for who in CUSTOMERS[:24]]
    lines += [] if known_since is None else [bought(who, known_since, "milk", 100) for who in CUSTOMERS]
    lines.append(bought(CUSTOMERS[0], datetime(2024, 3, 31, 12, tzinfo=UTC), "milk", 100))
    pd.DataFrame(lines).sort_values("purchased_at").to_parquet(folder / "purchases.parquet", index=False)
    pd.DataFrame(
        {"product_id": ["milk", "bread"], "name": ["Milk", "Bread"], "family_1": ["DAIRY", "BAKERY"], "price": [100, 300], "cost": [60, 200], "flags": ""}
    ).to_parquet(folder / "products.parquet", index=False)  # fmt: skip
    pd.DataFrame({"customer_id": CUSTOMERS, "joined_on": [date(2024, 1, 1)] * 25 + [None] * 35}).to_parquet(
        folder / "customers.parquet", index=False
    )


def write_answers(folder: Path) -> None:
    """Thirty say 10 and then twenty-four of them 9, twenty say 3; of a CSI thirty score staff 4 and ten of them prices 2."""
    first, later = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
    said = [(who, first, "nps", 10, None) for who in CUSTOMERS[:30]]
    said += [(who, later, "nps", 9, None) for who in CUSTOMERS[:24]]
    said += [(who, later, "nps", 3, None) for who in CUSTOMERS[40:]]
    said += [(who, later, "csi", 4, "staff") for who in CUSTOMERS[:30]]
    said += [(who, later, "csi", 2, "prices") for who in CUSTOMERS[:10]]
    names = ["customer_id", "answered_at", "kind", "score", "parameter"]
    pd.DataFrame(said, columns=names).to_parquet(folder / "answers.parquet", index=False)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    write_tables(folder / "shop")
    write_answers(folder / "shop")
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    with closing(open_store(store_url_in(folder / "workspace"))) as store:
        hold_out(store, CUSTOMERS[30:])
    return folder / "workspace"


def hold_out(store: Store, held_out: Collection[str]) -> None:
    """From the beginning of February."""
    began = datetime(2024, 2, 1, tzinfo=UTC)
    with store.writing() as connection:
        number = begin_experiment(
            connection,
            name="holdout-1",
            layer="holdout",
            drawn_as=DrawnAs.CUSTOMER,
            salt="7",
            definition={"share": len(held_out) / 60, "words": "7", "turn": 0, "since": "2024-02-01"},
            started=began,
        )
    arms = {who: "holdout" if who in held_out else "treated" for who in CUSTOMERS}
    places = [Placed(who, _unit(who, arm, len(held_out) / 60), arm) for who, arm in arms.items()]
    assign_all(store, number, places, seen=began)


def _unit(name: str, arm: str, share: float) -> str:
    """A name that the salt draws into this arm."""
    units = (f"{name}-{turn}" for turn in range(1000))
    return next(unit for unit in units if arm_of(unit, salt_from("7"), share) == arm)


def asked(workspace: Path, *words: str) -> dict[str, Any]:
    answer = CliRunner().invoke(app, ["report", *words, "--workspace", str(workspace), "--json"])
    assert answer.exit_code == 0, answer.exception
    return dict(json.loads(answer.output))


def refused(workspace: Path, *words: str) -> str:
    answer = CliRunner().invoke(app, ["report", *words, "--workspace", str(workspace)])
    assert answer.exception is not None
    assert exit_code_of(answer.exception, (OfferError,)) == 2
    return str(answer.exception)


def lines(report: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    """A table's figures by line and head."""
    (found,) = [one for one in report["tables"] if one["table"] == table]
    return {
        line["line"]: {head: one["value"] for head, one in line.items() if head != "line"}
        for line in found["lines"]
    }


def test_a_cohort_is_followed_for_as_long_as_all_of_it_has_lived(workspace: Path) -> None:
    report = asked(workspace, "cohorts")
    assert lines(report, "active") == {
        "2024-01": {"customers": 40, "month 0": 1.0, "month 1": 0.75},
        "2024-02": {"customers": 20, "month 0": 1.0},
    }
    assert lines(report, "margin")["2024-01"] == {"customers": 40, "month 0": 40.0, "month 1": 30.0}
    assert lines(report, "visits")["2024-01"]["month 1"] == 0.75


def test_a_period_beyond_the_data_is_refused(workspace: Path) -> None:
    assert "more than the data hold, 2024-01-10 up to 2024-04-01" in refused(
        workspace, "cohorts", "--to", "2024-05-01"
    )
    assert "is not after --from" in refused(
        workspace, "cohorts", "--to", "2024-01-10", "--from", "2024-01-10"
    )


def test_a_runs_page_has_no_period_and_the_reports_are_named(workspace: Path) -> None:
    assert "none of the reports cohorts" in refused(workspace, "kohorts", "--from", "2024-01-10")


def test_a_page_and_a_file_hold_what_the_terminal_shows_and_no_customer(
    workspace: Path, tmp_path: Path
) -> None:
    page, file = tmp_path / "page.html", tmp_path / "figures.csv"
    report = asked(workspace, "cohorts", "--out", str(page), "--csv", str(file))
    figures = pd.read_csv(file)
    assert figures[(figures["table"] == "active") & (figures["figure"] == "month 1")]["value"].tolist() == [
        0.75
    ]
    html = unescape(page.read_text(encoding="utf-8"))
    assert report["answer"] in html
    assert not any(customer in html for customer in CUSTOMERS)


def test_a_table_of_many_months_fits_the_page_without_its_intervals() -> None:
    heads = [f"month {number}" for number in range(9)]
    cells = [ShownFigure(0.5, SHARE, 40, 0.35, 0.65)] * 9
    shown = grid_of(ReportTable("t", "Months", "Shares.", heads, [ReportLine("2024-01", cells)]), "EUR")
    assert {cell.says for row in shown.rows for cell in row} == {""}
    assert shown.says == "Shares. How sure each figure is stands in the file (--csv)."
    few = grid_of(ReportTable("t", "Months", "Shares.", heads[:2], [ReportLine("2024-01", cells[:2])]), "EUR")
    assert few.rows[0][1].says == "35.0% to 65.0%"


def test_members_are_set_beside_others_and_it_is_said_that_this_is_no_effect(workspace: Path) -> None:
    report = asked(workspace, "members", "--from", "2024-01-10", "--to", "2024-04-01")
    period = lines(report, "period")
    assert (period["members"]["customers who bought"], period["others"]["customers who bought"]) == (25, 35)
    assert period["members"]["visits"] == pytest.approx(76 / 25)  # three each, and the first once more
    assert period["members"]["margin"] == pytest.approx((3 * 25 * 40 + 24 * 100 + 40) / 25)
    assert any(warning.startswith("Not an effect") for warning in report["warnings"])
    # The 28 days up to 3 March: the thirty who came back in February, and the twenty new ones.
    assert lines(report, "months")["2024-03-03"] == {
        "members of who bought": 0.5,
        "of the money": 0.5,
        "members active": 1.0,
        "others active": pytest.approx(25 / 35),
    }


def test_members_are_set_beside_others_who_bought_alike_before_and_the_balance_is_shown(
    workspace: Path,
) -> None:
    report = asked(workspace, "members", "--from", "2024-03-06", "--to", "2024-04-01")
    # Five others came in January and February as all members did, thirty only once.
    balance = lines(report, "balance")
    assert balance["visits of 12 weeks"]["all others"] > 1
    assert {line["others like them"] for line in balance.values()} == {0.0}
    matched = lines(report, "matched")
    assert matched["members"]["margin"] == pytest.approx((25 * 40 + 24 * 100) / 25)
    assert matched["others like them"]["margin"] == pytest.approx(40)
    assert matched["difference, no effect"]["margin"] == pytest.approx(96)
    (table,) = [one for one in report["tables"] if one["table"] == "matched"]
    assert table["says"].endswith("No lot made them members: not an effect.")


def test_the_pilots_stores_are_set_beside_customers_of_the_rest_who_bought_alike(tmp_path: Path) -> None:
    write_tables(tmp_path / "shop")
    purchases = tmp_path / "shop" / "purchases.parquet"
    bought_where = pd.read_parquet(purchases)
    bought_where["store_id"] = (
        bought_where["customer_id"].isin(CUSTOMERS[:25]).map({True: "330", False: "367"})
    )
    bought_where.to_parquet(purchases, index=False)
    sources.load(tmp_path / "shop", tmp_path / "workspace", buckets=2)
    with closing(open_store(store_url_in(tmp_path / "workspace"))):
        pass
    assert "The programme is for all stores" in refused(tmp_path / "workspace", "pilot")
    rules = tmp_path / "pilot.toml"
    rules.write_text(programme_text().replace("[eligibility]", '[eligibility]\nstores = ["330"]'))
    words = ("pilot", "--programme", str(rules), "--from", "2024-03-06", "--to", "2024-04-01")
    report = asked(tmp_path / "workspace", *words)
    assert report["answer"].startswith("Customers of 1 pilot store brought 0.96 [")
    assert report["answer"].endswith("than others who bought alike before. That is no effect of the pilot.")
    change = lines(report, "change")
    assert change["pilot's customers"]["8 weeks before"] == pytest.approx(2 * 40 / 8)
    assert change["pilot's customers"]["3 weeks of the period"] == pytest.approx(136 / 3)


def test_members_without_weeks_before_the_period_are_matched_with_nobody(workspace: Path) -> None:
    report = asked(workspace, "members", "--from", "2024-01-10", "--to", "2024-04-01")
    assert {table["table"] for table in report["tables"]} == {"period", "months"}


def test_the_last_answers_make_the_score_by_month_and_between_arms(workspace: Path) -> None:
    report = asked(workspace, "nps")
    assert report["answer"].startswith("NPS +20 [")  # 30 promoters and 20 detractors of 50
    months = lines(report, "months")
    assert months["2024-02"] == {"NPS": 100.0}
    assert months["2024-03"]["NPS"] == pytest.approx(100 * (24 - 20) / 44)
    assert lines(report, "nps_arms") == {
        "treated": {"NPS": 100.0},
        "held out": {"NPS": -100.0},
        "difference": {"NPS": 200.0},
    }


def test_a_parameter_that_few_scored_is_not_shown(workspace: Path) -> None:
    assert lines(asked(workspace, "nps"), "parameters") == {"staff": {"CSI": 4.0}}
    assert lines(asked(workspace, "nps"), "months")["2024-03"]["CSI"] == pytest.approx((20 * 4 + 10 * 3) / 30)


def test_it_is_said_how_many_to_ask_as_the_answers_so_far_are_spread(workspace: Path) -> None:
    sampling = lines(asked(workspace, "nps"), "sampling")
    assert sampling["to +- 5 points"]["answers"] == 58  # of 60 customers nearly all


def test_who_found_a_new_family_stands_beside_who_only_repeated(workspace: Path) -> None:

    assert "84 to know what is new" in refused(workspace, "upsell", "--from", "2024-03-01")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same shop with a past of a hundred days, and a night that made bread a novelty of everybody."""
    folder = tmp_path_factory.mktemp("tried")
    write_tables(folder / "shop", known_since=JANUARY - timedelta(days=100))
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    with closing(open_store(store_url_in(folder / "workspace"))) as store:
        hold_out(store, CUSTOMERS[20:])
        publish_shop(store, CUSTOMERS[:20], night=MARCH.date(), state=OfferState.OFFERED)
    for kind, customers in (("slots", CUSTOMERS[:20]), ("shadow", CUSTOMERS[20:])):
        made = [
            {
                "customer_id": who,
                "item_id": "bread",
                "kind": "novelty",
                "discount_bp": 1000,
                "price_minor": 300,
                "max_units": 4,
                "expected_cost_milli": 6000,
                "valid_from": datetime(2024, 3, 10, tzinfo=UTC),
                "valid_to": datetime(2024, 3, 17, tzinfo=UTC),
                "outcome": "holdout",
            }
            for who in customers
        ]
        target = folder / "workspace" / "runs" / f"{MARCH:%Y-%m-%d}.1" / kind
        target.mkdir(parents=True)
        pd.DataFrame(made).to_parquet(target / "bucket=0000.parquet", index=False)
    return folder / "workspace"


def test_of_those_with_a_past_who_came_the_finders_of_a_new_family_are_counted(tried: Path) -> None:
    report = asked(tried, "upsell", "--from", "2024-03-01")
    who = lines(report, "who")
    assert who["bought of a family new to them"]["customers"] == 24
    assert who["bought of a family new to them"]["share"] == pytest.approx(24 / 30)
    assert "only repeated" not in who  # six are too few
    assert lines(report, "money")["everybody who came"]["part of the money"] == pytest.approx(
        24 * 300 / (24 * 300 + 3100)
    )
    # Of all who were drawn and have a past: twenty of twenty treated, four of forty held out.
    assert lines(report, "arms_share")["difference"]["a customer"] == pytest.approx(0.9)


def test_trials_repeats_and_their_cost_stand_beside_what_is_tried_anyway(tried: Path) -> None:
    report = asked(tried, "trials", "--within", "14", "--from", "2024-03-01")
    whole = lines(report, "whole")
    assert (whole["offered"]["offers"], whole["offered"]["tried"]) == (20, 1.0)
    assert whole["offered"]["discount"] == 20 * 30
    assert whole["offered"]["planned discount"] == 20 * 6
    assert whole["offered"]["bought again"] == 0.0
    assert whole["held out, not served"]["tried"] == pytest.approx(4 / 40)
    assert lines(report, "items")["Bread"]["tried"] == 1.0
    assert lines(report, "stores")["330"] == {"trials": 20, "bought again": 0.0}
    young = asked(tried, "trials", "--within", "28", "--from", "2024-03-01")
    assert "too few to say who buys again" in young["answer"]


def test_reasons_are_those_of_who_was_reached_and_of_the_models_likely_leavers(tried: Path) -> None:
    with closing(open_store(store_url_in(tried))) as store:
        said = [(who, Found.MOVED) for who in CUSTOMERS[:20]] + [
            (who, Found.COMPLAINT) for who in CUSTOMERS[20:25]
        ]
        said += [(who, Found.NOT_REACHED) for who in CUSTOMERS[25:]]
        record_contacts(
            store,
            [
                Contact(who, MARCH + timedelta(days=1), found, Channel.CALL, "eva", "private words")
                for who, found in said
            ],
            now=MARCH,
        )
    report = asked(tried, "reasons", "--from", "2024-03-01")
    # Of five complaints nothing is shown, not even the share.
    assert lines(report, "contacts") == {"moved away": {"customers": 20, "share": 0.8}}
    assert "private" not in json.dumps(report)
    assert "80% of those who were reached: moved away" in report["answer"]


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_reason_of_the_model_is_known_by_its_sentence(code: str) -> None:
    reason = ChurnReason(code, 5.0, 2.0, ("Milk; fresh",) if code == "families_dropped" else ())
    assert code_of(in_words(reason)) == code


WEEK = ("--from", "2024-03-07", "--to", "2024-03-14")


def test_efficiency_is_gain_over_cost_with_what_running_it_costs(tried: Path) -> None:
    plain = asked(tried, "efficiency", *WEEK)
    assert "cost nothing more than the held out" in plain["answer"]
    report = asked(tried, "efficiency", "--cost", "2.00", *WEEK)
    found = lines(report, "efficiency")
    # 2.00 for twenty treated customers are ten cents each, known exactly.
    assert found["discount and running cost"]["a customer"] == pytest.approx(10.0)
    gained = found["margin gained before discounts"]["a customer"]
    assert found["gain over cost"]["a customer"] == pytest.approx(gained / 10.0)
    assert found["left"]["a customer"] == pytest.approx(gained - 10.0)
