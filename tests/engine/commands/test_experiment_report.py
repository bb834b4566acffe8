"""`abonement experiment report`: a shop whose effect is known, and one that never gave anything."""

import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.arms import DrawnAs, arm_of, salt_from
from engine.domain.bundle import OfferState
from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_segments import in_segments
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.nights.assigned_arms import Placed, assign_all
from engine.store.nights.kept_experiments import begin_experiment
from models import sources
from models.effects.drawn_arms import Arms
from models.ground.errors import BadInput
from tests.engine.shop import publish_shop
from tests.shop import TABLES_TOML

CUSTOMERS, WEEKS_BEFORE, WEEKS = 300, 16, 6
BEGAN = date(2017, 12, 4)
HELD_OUT = 100


def write_purchases(folder: Path, more_minor: int, seed: int) -> None:
    """Every customer shops once a week for some money of their own; the treated for so much more from BEGAN on."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    (folder / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
    names = [f"c{number:03d}" for number in range(CUSTOMERS)]
    pd.DataFrame({"customer_id": names, "consent": True}).to_parquet(
        folder / "customers.parquet", index=False
    )
    pd.DataFrame(
        {"product_id": ["995240"], "name": ["MILK"], "family_1": ["DAIRY"], "family_2": ["MILK"], "family_3": ["MILK"], "price": [299], "cost": pd.Series([1], dtype="Int64"), "flags": [""]}
    ).to_parquet(folder / "products.parquet", index=False)  # fmt: skip
    usual = rng.integers(1_000, 5_000, CUSTOMERS)
    rows = [
        {
            "customer_id": name,
            "purchased_at": datetime(2017, 12, 4, 12, tzinfo=UTC) + timedelta(weeks=week, days=int(rng.integers(7))),
            "basket_id": f"{name}-{week}",
            "line_no": 1,
            "product_id": "995240",
            "quantity_milli": 1000,
            "unit": "piece",
            "paid": int(usual[number] + rng.integers(-400, 400)) + (more_minor if week >= 0 and number >= HELD_OUT else 0),
            "discount": 0,
            "store_id": "330" if number % 2 else "367",
        }
        for number, name in enumerate(names)
        for week in range(-WEEKS_BEFORE, WEEKS)
    ]  # fmt: skip
    # Somebody shops on the very last day, so that the data hold the last week whole.
    rows.append(
        rows[-1] | {"basket_id": "last", "purchased_at": datetime(2018, 1, 14, 12, tzinfo=UTC), "paid": 100}
    )
    pd.DataFrame(rows).sort_values("purchased_at").to_parquet(folder / "purchases.parquet", index=False)


def placed(name: str, arm: str) -> Placed:
    """A place whose unit has a name that the salt draws into this arm."""
    units = (f"{name}-{turn}" for turn in range(1000))
    drawn = (unit for unit in units if arm_of(unit, salt_from("7"), HELD_OUT / CUSTOMERS) == arm)
    return Placed(name, next(drawn), arm)


def hold_out(store: Store) -> None:
    began = datetime(2017, 12, 4, tzinfo=UTC)
    with store.writing() as connection:
        number = begin_experiment(
            connection,
            name="holdout-1",
            layer="holdout",
            drawn_as=DrawnAs.CUSTOMER,
            salt="7",
            definition={"share": HELD_OUT / CUSTOMERS, "words": "7", "turn": 0, "since": BEGAN.isoformat()},
            started=began,
        )
    places = [placed(f"c{one:03d}", "holdout" if one < HELD_OUT else "treated") for one in range(CUSTOMERS)]
    assign_all(store, number, places, seen=began)


def shop_with(folder: Path, more_minor: int, *, given: bool, seed: int = 1) -> Path:
    write_purchases(folder / "shop", more_minor, seed)
    workspace = folder / "workspace"
    sources.load(folder / "shop", workspace, buckets=2)
    with closing(open_store(store_url_in(workspace))) as store:
        hold_out(store)
        if given:
            treated = [f"c{one:03d}" for one in range(HELD_OUT, CUSTOMERS)]
            publish_shop(store, treated, night=BEGAN, state=OfferState.OFFERED)
            offers_in_folder(workspace)
    return workspace


@pytest.fixture(scope="module")
def earning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The offers bring 2.00 a week and customer, nearly all of it margin, since milk costs a cent here."""
    return shop_with(tmp_path_factory.mktemp("earning"), 200, given=True)


def offers_in_folder(workspace: Path) -> None:
    """A fifth off for every treated and a tenth off for every held-out customer, on milk, in the first and the third week."""
    for kind, first, last, bp in (("slots", HELD_OUT, CUSTOMERS, 2000), ("shadow", 0, HELD_OUT, 1000)):
        folder = workspace / "runs" / "2017-12-04.1" / kind
        folder.mkdir(parents=True)
        made = [
            {
                "customer_id": f"c{one:03d}",
                "item_id": "995240",
                "discount_bp": bp,
                "price_minor": 300,
                "max_units": 4,
                "valid_from": datetime(2017, 12, day, tzinfo=UTC),
                "valid_to": datetime(2017, 12, day + 7, tzinfo=UTC),
                "outcome": "holdout",
            }
            for one in range(first, last)
            for day in (4, 18)
        ]
        pd.DataFrame(made).to_parquet(folder / "bucket=0000.parquet", index=False)


@pytest.fixture(scope="module")
def silent_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_with(tmp_path_factory.mktemp("silent"), 0, given=False, seed=2)


def report(workspace: Path, *words: str) -> str:
    answer = CliRunner().invoke(app, ["experiment", "report", *words, "--workspace", str(workspace)])
    if isinstance(answer.exception, Exception) and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_a_known_effect_is_found_within_an_interval_that_the_time_before_has_narrowed(earning: Path) -> None:
    facts = json.loads(report(earning, "--json"))
    assert (facts["weeks"], facts["customers"]) == (6, [200, 100])
    margin = facts["figures"][0]
    assert margin["metric"] == "margin"
    assert margin["low"] < 1_200 < margin["high"]
    assert margin["variance_left"] < 0.1
    assert len(facts["by_week"]) == 6
    assert all(look["low"] < 200 * look["week"] < look["high"] for look in facts["by_week"])
    assert facts["margin"]["low"] < margin["low"] < margin["high"] < facts["margin"]["high"]


def test_the_answer_is_a_sentence_and_then_a_table(earning: Path) -> None:
    sentence, about, *lines = report(earning).splitlines()
    assert sentence.startswith("In 6 weeks the offers earned 1")
    assert "of margin a customer" in sentence
    assert about == (
        "holdout-1: treated against holdout, 2017-12-04 up to 2018-01-15, which does not count; 200 and 100 customers of "
        "300 households."
    )
    assert any(line.startswith("  Still active") for line in lines)
    assert (
        "  ok    Held out means nothing given: Of 100 held out 0 were served, 0 redeemed and 0 were contacted."
        in lines
    )


def test_where_nothing_was_ever_given_no_difference_is_called_an_effect(silent_shop: Path) -> None:
    sentence = report(silent_shop).splitlines()[0]
    assert sentence == (
        "In 6 weeks nothing was given to arm treated, so there is nothing that could have had an effect: whatever the arms "
        "differ by is chance."
    )


def test_a_held_out_customer_who_was_served_forbids_the_answer(tmp_path: Path) -> None:
    workspace = shop_with(tmp_path, 200, given=False)
    with closing(open_store(store_url_in(workspace))) as store:
        publish_shop(
            store, [f"c{one:03d}" for one in range(CUSTOMERS)], night=BEGAN, state=OfferState.OFFERED
        )
    said = report(workspace).splitlines()[0]
    assert said.startswith("In 6 weeks no difference can be trusted: Of 100 held out 100 were served")


def test_what_the_held_out_buy_of_offers_that_nobody_served_is_bought_anyway(earning: Path) -> None:
    found = json.loads(report(earning, "--json"))["bought_anyway"]
    # One unit a week each: 30 of a discount of 60.
    assert found["whole"]["share"] == pytest.approx(0.5, abs=0.03)
    assert found["first_week"]["share"] == pytest.approx(0.5, abs=0.03)
    assert found["without_first_week"]["low"] <= 0.5 <= found["without_first_week"]["high"]
    assert "of the discount would have been bought anyway." in report(earning).splitlines()[0]


def test_before_and_after_stand_beside_the_lots_answer_as_what_misleads(earning: Path) -> None:
    (beside,) = json.loads(report(earning, "--json"))["misleading"]
    assert beside["title"] == "6 weeks after less 6 weeks before"
    assert beside["why"].startswith("Not an effect: seasons")


def test_segments_are_those_of_the_first_night_and_judged_together() -> None:
    treated = np.arange(400) % 2 == 0
    gain = np.where(treated, np.where(np.arange(400) < 200, 500.0, 0.0), 0.0)
    noise = np.random.default_rng(3).normal(0, 100, 400)
    nobody = np.zeros(400)
    names = np.array([f"c{one:03d}" for one in range(400)])
    arms = ComparedArms(
        customer_id=names,
        arms=Arms.of(treated),
        seen_week=np.zeros(400, dtype=np.int64),
        margin=(gain + noise)[:, None],
        spend=nobody,
        visits=nobody,
        active=np.zeros((400, 1), dtype=bool),
        figures=None,
        before=np.zeros((400, 0)),
        discount=nobody,
        funded=nobody,
        redemptions=nobody,
        served=treated,
        reached=treated,
        own_discount=np.zeros((400, 2)),
        complained=np.zeros((400, 1), dtype=bool),
        nps=np.full((400, 1), np.nan),
        crossed=0,
        torn=0,
        silent_stores={},
    )
    ladder = pd.Series(np.where(np.arange(400) < 200, "client", "visitor"), index=names)
    client, visitor = in_segments(arms, {"ladder": ladder, "few": ladder.iloc[:10]})
    assert (client.segment, client.customers) == ("client", 200)
    assert client.low < 500 < client.high
    assert visitor.low < 0 < visitor.high
    assert client.division_differs_p < 0.001


def test_every_figure_goes_to_a_file(earning: Path, tmp_path: Path) -> None:
    report(earning, "--csv", str(tmp_path / "figures.csv"))
    written = pd.read_csv(tmp_path / "figures.csv").set_index("metric")
    assert written.loc["visits", "treated"] == pytest.approx(6, abs=0.1)
    assert written.loc["margin", "n"] == 300


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["other"], "There is no experiment other; there are: holdout-1"),
        (["--to", "2017-12-08"], "is less than a whole week of holdout-1; the data end on 2018-01-14"),
        (["--from", "2017-12-01"], "--from 2017-12-01 is before holdout-1 began, on 2017-12-04"),
        (["--arm", "blue"], "has no arm blue to compare with holdout; expected one of: treated"),
    ],
)
def test_what_cannot_be_reported_is_said_in_a_sentence(
    earning: Path, words: list[str], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        report(earning, *words)


def test_the_page_says_the_answer_first_and_fetches_nothing(earning: Path, tmp_path: Path) -> None:
    sentence = report(earning, "--page", str(tmp_path / "report.html")).splitlines()[0]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    answer, title = page.index(sentence[:40]), page.index("Week by week")
    assert answer < title
    assert "It earns" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
