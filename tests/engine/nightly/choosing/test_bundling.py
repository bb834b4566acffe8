import numpy as np

from engine.domain.arms import salt_of
from engine.domain.eligibility import Removal
from engine.nightly.choosing.bundling import (
    KINDS,
    NO_ROW,
    Picks,
    Sizes,
    launch_first,
    pick_bundles,
    repeated_names,
)
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation, ask, depth_rule
from engine.nightly.shelf.assortment import REMOVALS
from tests.engine.nightly.bucket import options, programme

SIZES = Sizes(min_items=5, max_items=6, min_new=1, max_new=2)
P_BUY = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]


def picked(made: Options, cap: int = 2, name_no: np.ndarray | None = None) -> Picks:
    choice = ask(depth_rule, made)
    names = np.arange(made.item_no.max() + 1) if name_no is None else name_no
    return pick_bundles(made, choice, repeated_names(made, choice, names), SIZES, cap)


def described(made: Options, picks: Picks) -> list[str]:
    return [
        f"{made.item_id[row]} {KINDS[kind].value}"
        for row, kind in zip(picks.rows[0], picks.kinds[0], strict=True)
        if row != NO_ROW
    ]


def test_a_place_is_kept_for_something_new() -> None:
    made = options([200] * 9, P_BUY, buys=[5, 5, 5, 5, 5, 5, 5, 0, 0])
    assert described(made, picked(made)) == [
        "a preferred",
        "b preferred",
        "c preferred",
        "d preferred",
        "e preferred",
        "h novelty",
    ]


def test_something_new_that_is_worth_more_takes_a_second_place_but_not_a_third() -> None:
    made = options([200] * 9, P_BUY, buys=[0, 0, 0, 5, 5, 5, 5, 5, 5])
    assert described(made, picked(made))[:3] == ["a novelty", "b novelty", "d preferred"]
    assert len(described(made, picked(made))) == 6


def test_a_customer_who_bought_little_is_filled_up_from_their_families_then_from_what_is_popular() -> None:
    # Two bought items, then two places for what is new; g is of a family they buy, c to f are merely popular.
    made = options([200] * 9, P_BUY, buys=[5, 0, 0, 0, 0, 0, 0, 0, 5], sources=[1, 4, 4, 4, 4, 4, 2, 4, 1])
    assert described(made, picked(made)) == [
        "a preferred",
        "b novelty",
        "c novelty",
        "d cold_start",
        "g cold_start",
        "i preferred",
    ]


def test_without_anything_new_the_places_go_to_preferred_items() -> None:
    made = options([200] * 9, P_BUY)
    assert described(made, picked(made)) == [f"{name} preferred" for name in "abcdef"]


def test_five_items_are_a_bundle_and_four_are_none() -> None:
    five = options([200] * 5, P_BUY[:5])
    assert len(described(five, picked(five))) == 5
    four = options([200] * 4, P_BUY[:4])
    assert described(four, picked(four)) == []


def test_an_item_that_reads_like_a_likelier_one_is_left_out() -> None:
    made = options([200] * 9, P_BUY)
    picks = picked(made, name_no=np.array([0, 1, 0, 2, 3, 4, 5, 6, 7]))
    assert [text[0] for text in described(made, picks)] == ["a", "b", "d", "e", "f", "g"]
    assert (made.item_id[picks.runner_up[0, 0]], REMOVALS[picks.rule[0, 0]]) == ("c", Removal.SAME_NAME)


def test_an_item_that_reads_like_one_that_cannot_be_offered_may_stay() -> None:
    made = options([20, *[200] * 5], P_BUY[:6])
    picks = picked(made, name_no=np.array([0, 0, 1, 2, 3, 4]))
    assert [text[0] for text in described(made, picks)] == ["b", "c", "d", "e", "f"]


def test_the_likeliest_item_left_out_is_named_with_its_rule() -> None:
    made = options([20, *[200] * 8], P_BUY, buys=[5, 5, 5, 5, 5, 5, 5, 0, 0])
    picks = picked(made)
    assert [made.item_id[row] for row in picks.runner_up[0]] == ["a", "i"]
    assert [REMOVALS[code] for code in picks.rule[0]] == [Removal.PRICE_FLOOR, Removal.OUTRANKED]


def test_a_place_lost_to_the_novelty_rules_says_so() -> None:
    made = options([200] * 9, P_BUY, buys=[0, 0, 0, 5, 5, 5, 5, 5, 0])
    picks = picked(made)
    assert (made.item_id[picks.runner_up[0, 1]], REMOVALS[picks.rule[0, 1]]) == ("c", Removal.NOVELTY_MAX)
    kept = options([200] * 9, P_BUY, buys=[5, 5, 5, 5, 5, 5, 5, 0, 0])
    assert REMOVALS[picked(kept).rule[0, 0]] is Removal.NOVELTY_MIN


def test_a_cap_makes_the_same_offers_shallower() -> None:
    made = options([200] * 6, [0.04] * 6, customer_columns={"p_churn": 0.9})
    depths = [picked(made, cap).depth[picked(made, cap).rows[0]].tolist() for cap in range(3)]
    assert depths == [[0] * 6, [1] * 6, [2] * 6]


def test_the_sixth_place_stays_empty_rather_than_lose_value() -> None:
    made = options([200] * 7, [0.5] * 7)

    def worth(_: Options) -> Valuation:
        value = np.array([3.0, 2.0, 1.0, 1.0, -1.0, -2.0, -3.0])[:, None].repeat(3, axis=1)
        return Valuation(value, np.ones_like(value))

    choice = ask(Policy("worth", worth, frozenset()), made)
    picks = pick_bundles(made, choice, np.zeros(7, dtype=np.bool_), SIZES, 0)
    assert [made.item_id[row] for row in picks.rows[0] if row != NO_ROW] == ["a", "b", "c", "d", "e"]


def test_the_places_come_from_the_programme() -> None:
    assert Sizes.of(programme()) == SIZES


LAUNCHED, TONIGHT = 64, salt_of(1, "launch/2017-12-04")


def test_a_launched_product_takes_the_first_new_place_however_little_is_expected_of_it() -> None:
    made = options([200] * 9, P_BUY, buys=[5] * 6 + [0] * 3, sources=[1] * 6 + [4, 4, LAUNCHED])
    choice = ask(depth_rule, made)
    none = np.zeros(9, dtype=np.bool_)
    picks = pick_bundles(made, choice, none, SIZES, 2, launch_first(made, 1.0, TONIGHT))
    assert described(made, picks)[4:] == ["e preferred", "i novelty"]


def test_each_night_draws_the_share_of_those_who_try_anew() -> None:
    made = options([200] * 1000, [0.1] * 1000, buys=0, sources=np.uint8(LAUNCHED))
    tonight, tomorrow = (launch_first(made, 0.3, salt_of(1, f"launch/{day}")) for day in ("04", "05"))
    assert 250 < tonight.sum() < 350
    assert 60 < (tonight & tomorrow).sum() < 120  # independent: .09 of a thousand


def test_only_what_was_launched_is_drawn() -> None:
    made = options([200] * 3, [0.3, 0.2, 0.1], buys=0, sources=[4, 2, LAUNCHED])
    assert launch_first(made, 1.0, TONIGHT).tolist() == [False, False, True]
