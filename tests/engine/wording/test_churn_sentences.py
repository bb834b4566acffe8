import inspect
import re

import pytest

from engine.wording.churn_sentences import WORDS, in_words, sentences
from models.customers import churn_reasons
from models.customers.churn_reasons import ChurnReason


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (ChurnReason("late", 6.4, 19), "usually comes every 6 days, has not come for 19 days"),
        (ChurnReason("late", 0.7, 1), "usually comes every day, has not come for 1 day"),
        (ChurnReason("comes_less", 5, 1), "came 1 time in the last 28 days, 5 times in the 28 before"),
        (ChurnReason("comes_less", 1, 0), "came 0 times in the last 28 days, 1 time in the 28 before"),
        (ChurnReason("comes_seldom", 1, 1), "came 1 time in the last 84 days"),
        (ChurnReason("spends_less", 200, 50), "spent 75% less in the last 28 days than is usual for them"),
        (ChurnReason("smaller_baskets", 200, 150), "their last five baskets are 25% smaller than usual"),
        (ChurnReason("comes_irregularly", 5, 20), "comes irregularly: one gap in ten is longer than 20 days"),
        (ChurnReason("buys_deals", 0.3, 0.3), "30% of what they buy is discount"),
    ],
)
def test_a_reason_is_a_sentence_in_the_right_number(reason: ChurnReason, sentence: str) -> None:
    assert in_words(reason) == sentence


@pytest.mark.parametrize(
    ("regular", "dropped", "families", "sentence"),
    [
        (8, 3, ("MILK", "Rye bread"), "3 of their 8 regular families, first of all Milk and Rye bread"),
        (8, 2, ("MILK", "Rye bread"), "2 of their 8 regular families: Milk and Rye bread"),
        (1, 1, ("MILK",), "1 of their 1 regular family: Milk"),
        (8, 3, (), "3 of their 8 regular families"),
    ],
    ids=["more than named", "all named", "one", "no names"],
)
def test_dropped_families_are_named(
    regular: int, dropped: int, families: tuple[str, ...], sentence: str
) -> None:
    assert (
        in_words(ChurnReason("families_dropped", regular, dropped, families))
        == f"has stopped buying in {sentence}"
    )


def test_sentences_stand_in_their_order_and_nothing_is_an_empty_text() -> None:
    reasons = (ChurnReason("comes_seldom", 2, 2), ChurnReason("buys_deals", 0.5, 0.5))
    assert sentences(reasons) == "came 2 times in the last 84 days; 50% of what they buy is discount"
    assert sentences(()) == ""


def test_every_reason_that_the_models_tell_has_a_sentence_and_no_other() -> None:
    told = re.findall(r'\bfact\("(\w+)"', inspect.getsource(churn_reasons))
    assert set(WORDS) == {*told, churn_reasons.FAMILIES_DROPPED}
    assert len(told) == 7
