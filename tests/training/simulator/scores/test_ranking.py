"""Runs of one world beside each other, written by hand: household 0 is offered something, household 1 never."""

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from training.simulator.scores.lived import Lived, lines_of, offers_of
from training.simulator.scores.ranking import WorldRanking, _foresight, as_dict, over_worlds, standings
from training.simulator.scores.ranking_page import page, text

HOUSEHOLDS = 40
EVERYBODY = np.arange(HOUSEHOLDS)


def lived(margin_minor: int, offered: bool) -> Lived:
    """One week and four after: every household buys product 1 on day 0, for this margin where it was offered."""
    count = HOUSEHOLDS if offered else 0
    offers = offers_of(
        offer_no=np.arange(count),
        household=np.arange(count),
        product=np.ones(count),
        discount_bp=np.full(count, 1000),
        max_units=np.full(count, 4),
        first_day=np.zeros(count),
        end_day=np.full(count, 7),
        is_new=np.zeros(count),
        expected_cost_milli=np.full(count, 5000),
    )
    lines = lines_of(
        household=EVERYBODY,
        day=np.zeros(HOUSEHOLDS),
        product=np.ones(HOUSEHOLDS),
        units=np.ones(HOUSEHOLDS),
        margin_minor=np.full(HOUSEHOLDS, margin_minor) + EVERYBODY % 3,
        personal_minor=np.full(HOUSEHOLDS, 10 if offered else 0),
        offer_no=EVERYBODY if offered else np.full(HOUSEHOLDS, -1),
    )
    return Lived(lines, offers, np.ones((5, HOUSEHOLDS), dtype=np.bool_))


def write_world(out: Path, name: str, **margin_minor: int) -> None:
    """Runs of policies by the margin that households then leave; 100 without offers."""
    folder = out / f"{name}-40-0"
    weeks = folder / "1-weeks"
    lived(100, offered=False).save(weeks / "without")
    (folder / "world.json").write_text(json.dumps({"currency": "USD", "unidentified": "It is assumed."}))
    for policy, margin in margin_minor.items():
        lived(margin, offered=margin != 100).save(weeks / policy / "weeks" / "00")
        facts = {"world": name, "policy": policy, "customers": HOUSEHOLDS, "seed": 0, "weeks": 1}
        (weeks / policy / "run.json").write_text(json.dumps(facts | {"disagreements": 0, "seconds": 1.0}))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worlds") / "out"
    write_world(folder, "generous_world", no_offers=100, shipped=120, oracle=180)
    write_world(folder, "promotions_never_pay", no_offers=100, shipped=70, oracle=100)
    return folder


@pytest.fixture(scope="module")
def ranked(written: Path) -> list[WorldRanking]:
    """Both worlds in the order of their names."""
    return standings(written)


@pytest.fixture(scope="module")
def shown(ranked: list[WorldRanking]) -> str:
    return page(ranked)


@pytest.fixture
def out(written: Path, tmp_path: Path) -> Path:
    """The runs, to be changed."""
    return Path(copytree(written, tmp_path / "out"))


def test_the_best_gain_comes_first(ranked: list[WorldRanking]) -> None:
    generous, never = ranked
    assert list(generous.scores) == ["oracle", "shipped", "no_offers"]
    assert list(never.scores) == ["no_offers", "oracle", "shipped"]
    assert (generous.best, never.best) == ("oracle", "no_offers")


def test_names_are_never_markup(tmp_path: Path) -> None:
    write_world(tmp_path, "<script>\"'&", no_offers=100, shipped=120)
    facts = {"currency": "USD", "unidentified": "<script>assumed</script>"}
    (tmp_path / "<script>\"'&-40-0" / "world.json").write_text(json.dumps(facts))
    html = page(standings(tmp_path))
    assert "<script" not in html
    assert "<h1>&lt;script&gt;&#34;&#39;&amp;</h1>" in html
    assert "&lt;script&gt;assumed&lt;/script&gt;" in html


def test_a_share_of_the_oracles_gain_is_told_where_that_gain_is_sure(ranked: list[WorldRanking]) -> None:
    generous, never = ranked
    assert generous.share("shipped") == 0.25
    assert never.share("shipped") is None
    assert over_worlds([generous, never]) == {"oracle": 1.0, "shipped": 0.25, "no_offers": 0.0}


def test_where_nothing_pays_the_page_says_that_no_offers_is_best(shown: str) -> None:
    assert (
        "In promotions never pay the best is no offers: no other policy gains more than chance would. "
        "shipped surely loses money. The oracle, which knows this world, gives nobody a bundle."
    ) in shown


def test_the_page_repeats_what_was_assumed(shown: str) -> None:
    assert "It is assumed." in shown


def test_the_terminal_reads_the_same_ranking_with_intervals(ranked: list[WorldRanking]) -> None:
    assert text(ranked[0]).splitlines() == [
        "In generous world the best is oracle: +0.80 [+0.80, +0.80] a customer more than without offers.",
        "  1  oracle          +0.80 [+0.80, +0.80] a customer   100 % of the oracle's",
        "  2  shipped         +0.20 [+0.20, +0.20] a customer    25 % of the oracle's",
        "  3  no_offers       +0.00 [+0.00, +0.00] a customer     0 % of the oracle's",
    ]


def test_the_ranking_is_plain_json(ranked: list[WorldRanking]) -> None:
    content = json.loads(json.dumps(as_dict(ranked[0])))
    assert content["policies"]["shipped"]["gain"]["value"] == pytest.approx(20.0)
    assert content["policies"]["shipped"]["budget_error"] == pytest.approx(1.0)


def test_a_run_that_is_not_finished_is_not_ranked(out: Path) -> None:
    (out / "generous_world-40-0" / "1-weeks" / "shipped" / "run.json").unlink()
    assert list(standings(out)[0].scores) == ["oracle", "no_offers"]


def test_what_the_oracle_expected_stands_beside_what_it_gained(out: Path) -> None:
    weeks = out / "generous_world-40-0" / "1-weeks" / "oracle" / "weeks"
    week = {"lessons": {"items": []}, "foresight": {"gain_minor": 4000.0, "error_minor": 400.0}}
    (weeks / "00" / "week.json").write_text(json.dumps(week))
    assert (
        "Night by night the oracle expected 1.00 a customer of its bundles altogether, with a Monte Carlo error of "
        "0.10; it then gained +0.80 [+0.80, +0.80]."
    ) in page(standings(out))


def test_nights_that_share_their_lessons_share_their_error_and_only_nights_count(tmp_path: Path) -> None:
    for week, lessons in enumerate(("first", "first", "second", "second")):
        (tmp_path / "weeks" / f"{week:02d}").mkdir(parents=True)
        kept = {"lessons": lessons, "foresight": {"gain_minor": 400.0, "error_minor": 40.0}}
        (tmp_path / "weeks" / f"{week:02d}" / "week.json").write_text(json.dumps(kept))
    found = _foresight(tmp_path, customers=40, weeks=3)
    assert found == (pytest.approx(30.0), pytest.approx(np.hypot(80, 40) / 40))
