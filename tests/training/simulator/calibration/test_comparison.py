from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from training.simulator.calibration.calibration_page import churn_sentence, page, sentence, written
from training.simulator.calibration.comparison import WorldComparison, churn_scores, compare
from training.simulator.calibration.moments import BACKGROUND, FIGURES

SEEN = {figure.key: 0.5 for figure in (*FIGURES, *BACKGROUND)}


def told(p_silent: list[float], silent: list[bool]) -> pd.DataFrame:
    ids = [f"c{number}" for number in range(len(silent))]
    return pd.DataFrame({"customer_id": ids, "cut_day": 140, "p_silent": p_silent, "silent": silent})


TOLD = told([0.2, 0.9, 0.6, 0.4], [False, True, False, True])
TRUTH = TOLD.assign(p_state=[0.0, 1.0, 0.0, 1.0], p_history=[0.1, 0.9, 0.3, 0.7])[
    ["customer_id", "cut_day", "p_state", "p_history"]
]


@pytest.fixture(scope="module")
def found() -> WorldComparison:
    return compare(
        SEEN, [SEEN | {"repeat_share": 0.53, "gap_90": np.nan}], TOLD, TOLD, TRUTH, seed=1, currency="USD"
    )


def test_a_figure_beyond_its_tolerance_is_a_miss_and_so_is_one_that_cannot_be_told(
    found: WorldComparison,
) -> None:
    assert found.misses["key"].tolist() == ["gap_90", "repeat_share"]
    assert found.misses["off"].tolist()[1] == pytest.approx(0.03)


def test_the_simulated_figure_is_the_mean_of_its_lives_with_their_spread() -> None:
    lives = [SEEN | {"repeat_share": 0.48}, SEEN | {"repeat_share": 0.53}]
    figure = (
        compare(SEEN, lives, TOLD, TOLD, TRUTH, seed=1, currency="USD")
        .figures.set_index("key")
        .loc["repeat_share"]
    )
    assert (figure["simulated"], figure["spread"]) == pytest.approx((0.505, 0.0354), abs=1e-4)
    assert not figure["missed"]


def test_a_figure_that_nobody_asked_for_is_no_miss() -> None:
    off = compare(SEEN, [SEEN | {"items_a_visit": 9.0}], TOLD, TOLD, TRUTH, seed=1, currency="USD")
    assert off.misses.empty
    assert off.figures.set_index("key")["missed"]["items_a_visit"]


def test_the_shipped_models_auc_is_the_mean_of_the_cuts(found: WorldComparison) -> None:
    assert found.figures.set_index("key")["simulated"]["churn_auc"] == 0.75
    assert found.cuts[["cut_day", "real_auc", "simulated_households"]].values.tolist() == [[140, 0.75, 4]]


def test_the_share_is_of_what_the_oracle_has_above_chance() -> None:
    # Whoever is silent is so for sure, so every future is what happened: the oracles are right in all pairs, the
    # shipped model in three of four.
    scores = churn_scores(TOLD, TRUTH, seed=1).set_index("predictor")
    assert scores["expected"].to_dict() == {"shipped": 0.75, "p_history": 1.0, "p_state": 1.0}
    assert scores["share"]["shipped"] == 0.5
    assert scores["error"].to_dict() == {"shipped": 0.0, "p_history": 0.0, "p_state": 0.0}


def test_households_of_which_the_truth_says_nothing_are_not_judged() -> None:
    scores = churn_scores(TOLD, TRUTH.iloc[:2], seed=1).set_index("predictor")
    assert scores["auc"]["shipped"] == 1.0


def test_the_page_names_the_misses_and_by_how_much(found: WorldComparison) -> None:
    families = pd.Series([-2.0, -1.0])
    html = page(found, (families, families), "calibrated", "margins <assumed>", "4 households")
    assert "2 missed" in html
    assert "items of a basket bought before 53.0 % instead of 50.0 %" in html
    assert "margins &lt;assumed&gt;" in html
    assert html.count("<svg") == 7
    assert "http" not in html.replace("http://www.w3.org/", "")


def test_names_are_never_markup(found: WorldComparison) -> None:
    families = pd.Series([-2.0, -1.0])
    hostile = "<script>alert('\"&\"')</script>"
    figures = found.figures.assign(meaning=hostile)
    html = page(replace(found, figures=figures), (families, families), hostile, hostile, hostile)
    assert "<script" not in html
    assert "<h1>The world “&lt;script&gt;alert(&#39;&#34;&amp;&#34;&#39;)&lt;/script&gt;” beside" in html


def test_sentences_say_what_was_missed_and_what_could_be_known(found: WorldComparison) -> None:
    assert sentence(found, 25).startswith(
        "23 of 25 figures lie within their tolerances. Missed: days between"
    )
    assert "it takes 50 % (± 0) of what is above chance" in churn_sentence(found)


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("days", 14.0, "14"),
        ("share", 0.1437, "14.4 %"),
        ("lift", 0.66, "+66 %"),
        ("money", 3505.4, "35.05 USD"),
        ("number", -1.667, "-1.67"),
        ("number", 0.8604, "0.860"),
        ("share", float("nan"), "none"),
    ],
)
def test_figures_are_written_in_their_unit(unit: str, value: float, words: str) -> None:
    assert written(unit, value, "USD") == words


def test_money_of_a_japanese_shop_is_written_in_whole_yen(found: WorldComparison) -> None:
    families = pd.Series([-2.0, -1.0])
    japanese = replace(found, figures=found.figures.assign(real=3505.4), currency="JPY")
    html = page(japanese, (families, families), "calibrated", "margins <assumed>", "4 households")
    assert "3,505 JPY" in html
    assert "minor units" not in html
