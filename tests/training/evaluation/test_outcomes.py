import numpy as np
import pandas as pd
import pytest

from training.evaluation import outcomes
from training.evaluation.outcomes import Scored


def scored() -> Scored:
    """Customer 1 came and bought items 10 and 99, 2 came for something else, 3 stayed away."""
    rows = pd.DataFrame(
        {
            "customer_no": [1, 1, 1, 2, 2, 3],
            "item_no": [10, 11, 12, 10, 13, 10],
            "p": [0.5, 0.1, 0.25, 0.5, 0.5, 0.2],
            "bought": [True, False, False, False, False, False],
            "kind": ["occasional", "new", "habitual", "new", "new", "habitual"],
            "family": ["DAIRY", "FRUIT", "DAIRY", "DAIRY", "FRUIT", "DAIRY"],
            "sources": [1, 2, 5, 4, 6, 1],
            "common": [True, True, True, True, True, True],
        }
    )
    truth = pd.DataFrame({"customer_no": [1, 1], "item_no": [10, 99], "kind": ["occasional", "new"]})
    return Scored("model", outcomes.ranked(rows), truth, np.array([1, 2, 3]), np.array([1, 2]))


def of_kind(kind: str) -> pd.DataFrame:
    table = outcomes.measures(scored())
    return table[table["kind"] == kind].set_index("customer_no")


def test_items_are_ranked_by_chance_and_ties_go_to_the_smaller_one() -> None:
    rows = scored().rows
    assert rows[["customer_no", "item_no", "rank"]].to_numpy().tolist() == [
        [1, 10, 1],
        [1, 12, 2],
        [1, 11, 3],
        [2, 10, 1],
        [2, 13, 2],
        [3, 10, 1],
    ]


def test_a_shopper_who_bought_one_of_the_six_used_their_bundle() -> None:
    table = of_kind("all")
    assert table["shopper"].tolist() == [1, 1, 0]
    assert table["used"].tolist() == [1, 0, 0]
    assert table["items"].tolist() == [1, 0, 0]
    assert table["slots"].tolist() == [3, 2, 1]


def test_recall_counts_what_was_bought_outside_the_candidates_too() -> None:
    table = of_kind("all")
    assert table["buyer"].tolist() == [1, 0, 0]
    assert table["recall"].tolist() == [0.5, 0, 0]
    assert table["ndcg"].tolist() == pytest.approx([1 / (1 + 1 / np.log2(3)), 0, 0])


def test_losses_are_summed_by_customer() -> None:
    table = of_kind("all")
    assert table["rows"].tolist() == [3, 2, 1]
    assert table["loss"].tolist() == pytest.approx(-np.log([0.5 * 0.9 * 0.75, 0.25, 0.8]))


def test_a_purchase_outside_the_candidates_is_missed() -> None:
    table = of_kind("all")
    assert table["wanted"].tolist() == [2, 0, 0]
    assert table["missed"].tolist() == [1, 0, 0]


def test_every_kind_is_ranked_on_its_own_but_shares_the_six() -> None:
    new = of_kind("new")
    assert new["slots"].tolist() == [1, 2, 0]
    assert new["slots_bought"].tolist() == [0, 0, 0]
    assert new["buyer"].tolist() == [1, 0, 0]
    assert new["recall"].tolist() == [0, 0, 0]
    occasional = of_kind("occasional")
    assert occasional.loc[1, ["slots", "slots_bought", "recall", "ndcg"]].tolist() == [1, 1, 1, 1]


def test_four_days_make_a_habit() -> None:
    assert outcomes.kind_of(np.array([0, 1, 3, 4])).tolist() == [
        "new",
        "occasional",
        "occasional",
        "habitual",
    ]


def test_gains_are_complete() -> None:
    parts = outcomes.gains(scored())
    assert (parts["rows"].sum(), parts["bought"].sum()) == (6, 1)
    assert parts["wanted"].unique().tolist() == [2]  # item 99 was bought and is no candidate
    assert parts["bought"].to_numpy().nonzero()[0].tolist() == [0]  # the likeliest candidate was bought


def test_bins_hold_every_candidate_with_its_chance() -> None:
    table = outcomes.bins(scored())
    assert table["rows"].sum() == 6
    assert table["predicted"].sum() == pytest.approx(2.05)
    assert table["bought"].sum() == 1


def test_what_is_found_is_told_by_source_and_by_place() -> None:
    first = outcomes.found(scored()).set_index("customer_no").loc[1]
    assert (first["wanted"], first["found"], first["candidates"]) == (2, 1, 3)
    assert (first["from own_history"], first["only own_history"], first["given own_history"]) == (1, 1, 2)
    assert (first["from popular"], first["given popular"]) == (0, 1)
    assert first["first 5"] == 1


def test_the_slots_that_a_budget_rests_on_are_the_six_and_the_best_tenth() -> None:
    rows = pd.DataFrame(
        {
            "customer_no": 1,
            "item_no": np.arange(20),
            "p": np.linspace(0.5, 0.1, 20),
            "bought": False,
            "kind": "new",
            "family": "DAIRY",
            "sources": 1,
            "common": True,
        }
    )
    nothing = pd.DataFrame({"customer_no": [], "item_no": [], "kind": []})
    many = Scored("model", outcomes.ranked(rows), nothing, np.array([1]), np.array([]))
    kept = outcomes.slots(many)
    assert kept["chosen"].sum() == 6
    assert kept.loc[kept["top_decile"], "p"].tolist() == rows["p"].tolist()[:2]
