"""The guard's checks on numbers written out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engine.nightly.guard import CHECKS, Earlier, Tonight, enforce, judge, number
from engine.nightly.guard.data_checks import data_age, paid_level, recent_lines
from engine.nightly.guard.drift_checks import chance_psi, psi
from engine.nightly.guard.night_measures import Measures, Spread
from engine.programme import load_programme
from engine.programme.guard_section import GuardLimits
from models.ground.errors import GuardRefused
from models.versions.shop_likeness import DAYS, Likeness

NIGHT = date(2024, 4, 8)
LIMITS = load_programme().guard


def likeness(*, newest: str = "2024-04-07T20:00:00+00:00", **lines: int) -> Likeness:
    """A shop with 1,000 lines of 100 customers every day; `apr_5=0` changes a day's lines."""
    days = [(NIGHT - timedelta(days=ago)).isoformat() for ago in range(DAYS, 0, -1)]
    changed = {f"2024-04-{int(name[4:]):02d}": count for name, count in lines.items()}
    counts = {day: changed.get(day, 1000) for day in days}
    paid = {day: count * 250 for day, count in counts.items()}
    people = {day: count // 10 for day, count in counts.items()}
    return Likeness(
        NIGHT.isoformat(), newest, counts, paid, people, ["a", "b"], {"x": 100, "y": 200, "z": None}
    )


def measures(**changes: object) -> Measures:
    facts: dict[str, object] = {
        "model": "v1",
        "likeness": likeness(),
        "unknown_product_share": 0.0,
        "customers": 10_000,
        "due": 9000,
        "empty": 0,
        "bundles": 9000,
        "depth_bp": Spread(1500.0, 200.0),
        "cost_milli": Spread(20_000.0, 5000.0),
        "p_buy": (100, 200, 300, 200, 100, 50, 20, 10, 5, 1),
        "p_churn": (1000, 2000, 3000, 2000, 1000, 500, 200, 100, 100, 100),
        "sources": (0, 500, 300, 100, 50, 30, 15, 5),
    }
    return Measures(**(facts | changes))  # type: ignore[arg-type]


def tonight(*, first: bool = False, **changes: object) -> Tonight:
    return Tonight(
        as_of=datetime(2024, 4, 8, tzinfo=UTC),
        measures=measures(**changes),
        item_prices={"x": 100, "y": 200, "new": 50, "z": None},
        earlier=[] if first else [Earlier("2024-04-01.1", measures())],
        model=None,
        model_basket_share=None,
        known_customer_share=None if first else 0.99,
        currency="USD",
    )


def failed(night: Tonight) -> list[str]:
    return [check.name for check in judge(night, LIMITS, ()) if not check.ok]


def test_every_check_is_made_once_and_in_the_listed_order() -> None:
    assert [check.name for check in judge(tonight(), LIMITS, ())] == list(CHECKS)
    assert [check.name for check in judge(tonight(first=True), LIMITS, ())] == list(CHECKS)


def test_a_night_like_the_one_before_passes() -> None:
    assert failed(tonight()) == []


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"unknown_product_share": 0.06}, "unknown_products"),
        ({"empty": 1800}, "empty_bundles"),
        ({"depth_bp": Spread(1900.0, 200.0)}, "mean_depth"),
        ({"cost_milli": Spread(50_000.0, 5000.0)}, "expected_cost"),
        ({"p_buy": (1, 5, 10, 20, 50, 100, 200, 300, 200, 100)}, "p_buy_drift"),
        ({"p_churn": (100, 100, 100, 200, 500, 1000, 2000, 3000, 2000, 1000)}, "p_churn_drift"),
        ({"sources": (0, 50, 30, 100, 500, 30, 15, 275)}, "candidate_drift"),
    ],
)
def test_each_number_has_its_own_check(changes: dict[str, object], check: str) -> None:
    assert failed(tonight(**changes)) == [check]


def test_what_rises_in_one_week_and_not_in_the_next_is_no_drift() -> None:
    # own history, popular, rising alone, rising and popular: three risen items of every customer have gone
    mask = {1: 3_514, 4: 27_115, 5: 4_901, 32: 3_207, 36: 971}
    week_after = {1: 3_712, 4: 26_598, 5: 4_902, 36: 1_980}
    before, now = (
        measures(sources=tuple(counts.get(place, 0) for place in range(128))) for counts in (mask, week_after)
    )
    looked_at = replace(tonight(), measures=now, earlier=[Earlier("2024-04-01.1", before)])
    assert failed(looked_at) == []


def test_the_worst_of_the_last_days_is_named() -> None:
    check = recent_lines(likeness(apr_5=1100, apr_6=300), LIMITS)
    assert (check.value, check.ok) == (0.3, False)
    assert check.says == "2024-04-06 has 300 lines, usual on that weekday are 1,000"


def test_few_customers_widen_the_limit_by_what_chance_does() -> None:
    usual = likeness(apr_6=300)
    few = Likeness(**{**usual.__dict__, "shoppers": dict.fromkeys(usual.shoppers, 4)})
    assert not recent_lines(usual, LIMITS).ok
    assert recent_lines(few, LIMITS).ok


def test_a_day_on_which_the_shop_is_closed_is_not_missed() -> None:
    closed = GuardLimits(**{**LIMITS.model_dump(), "closed_days": ("04-06", "04-07")})
    late = tonight(likeness=likeness(newest="2024-04-05T20:00:00+00:00", apr_6=0, apr_7=0))
    assert data_age(late, LIMITS).value == 52.0
    assert data_age(late, closed).value == 4.0
    assert not recent_lines(late.measures.likeness, LIMITS).ok
    assert recent_lines(late.measures.likeness, closed).value == 1.0


def test_a_closed_weekday_is_that_of_the_shops_clock() -> None:
    closed = GuardLimits(**{**LIMITS.model_dump(), "closed_days": ("sunday",)})
    # Saturday evening in New York is Sunday in UTC.
    late = tonight(likeness=likeness(newest="2024-04-07T00:30:00+00:00"))
    monday = replace(late, as_of=datetime(2024, 4, 8, tzinfo=ZoneInfo("America/New_York")))
    assert data_age(monday, LIMITS).value == 27.5
    assert data_age(monday, closed).value == 3.5


@pytest.mark.parametrize("odd_minor", [64_950_000, 5_000])
def test_one_mistyped_price_does_not_stop_the_night(odd_minor: int) -> None:
    usual = likeness()
    paid = usual.paid_minor | {"2024-04-06": usual.paid_minor["2024-04-06"] + odd_minor}
    odd = replace(
        usual, paid_minor=paid, largest_minor=dict.fromkeys(paid, 900) | {"2024-04-06": odd_minor + 250}
    )
    assert paid_level(tonight(likeness=odd), LIMITS).value == pytest.approx(1.0, abs=0.01)


def test_a_day_in_another_currency_unit_stops_the_night_though_one_line_is_left_out() -> None:
    usual = likeness()
    paid = usual.paid_minor | {"2024-04-06": usual.paid_minor["2024-04-06"] * 100}
    odd = replace(usual, paid_minor=paid, largest_minor=dict.fromkeys(paid, 900) | {"2024-04-06": 90_000})
    assert not paid_level(tonight(likeness=odd), LIMITS).ok


def test_accepting_marks_what_failed_and_only_that() -> None:
    checks = judge(tonight(empty=1800), LIMITS, ["empty_bundles", "mean_depth"])
    assert [check.name for check in checks if check.accepted] == ["empty_bundles"]


def sentence_of(night: Tonight) -> str:
    with pytest.raises(GuardRefused) as refusal:
        enforce("2024-04-08.1", judge(night, LIMITS, ()))
    return str(refusal.value)


def test_bundles_that_the_budget_does_not_allow_are_no_fault_of_data_or_model() -> None:
    said = sentence_of(tonight(empty=1800, empty_by_budget=1700))
    assert (
        "1,800 of 9,000 customers who should have a bundle have none, 1,700 of them because the budget"
        in said
    )
    assert said.endswith(
        "The budget keeps offers back: raise amount_minor in the programme's [budget], or wait for its next period, "
        "and run the night again; if it is as it should be, run it again with --accept empty_bundles."
    )
    assert "Correct the data" not in said


def test_a_budget_that_starves_the_first_night_is_told_with_the_amount_that_would_do() -> None:
    first = tonight(first=True, empty=7900, empty_by_budget=7900)
    assert sentence_of(replace(first, budget_for_all_minor=1_041_457)).endswith(
        "The budget keeps offers back: raise amount_minor in the programme's [budget] (1_041_457 reaches everybody tonight) "
        "and run the night again, or let the following nights reach the others; if it is as it should be, run it again with "
        "--accept empty_bundles."
    )


def test_what_the_budget_does_not_explain_is_still_a_fault() -> None:
    assert "\nCorrect the data or the model and run the night again; if" in sentence_of(
        tonight(empty=3000, empty_by_budget=200)
    )


def test_depths_that_a_binding_budget_cut_are_told_as_such_beside_another_fault() -> None:
    night = replace(tonight(depth_bp=Spread(1000.0, 200.0), unknown_product_share=0.06), budget_binds=True)
    assert "Correct the data or the model for unknown_products and run the night again; the budget keeps" in (
        sentence_of(night)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"p_buy": (1, 5, 10, 20, 50, 100, 200, 300, 200, 100)},
        {"p_churn": (100, 100, 100, 200, 500, 1000, 2000, 3000, 2000, 1000)},
        {"sources": (0, 50, 30, 100, 500, 30, 15, 275)},
    ],
)
def test_a_promoted_version_sets_a_new_baseline_for_drift(changes: dict[str, object]) -> None:
    promoted = tonight(model="v2", **changes)
    assert failed(promoted) == []
    says = [check.says for check in judge(promoted, LIMITS, ()) if check.name.endswith("_drift")]
    assert all(said.endswith("of v1; the first night of v2 sets a new baseline") for said in says)
    after = replace(
        tonight(model="v2"), earlier=[*promoted.earlier, Earlier("2024-04-07.1", promoted.measures)]
    )
    (drifted,) = failed(after)
    assert drifted.endswith("_drift")  # back to what v1 was is a drift of v2


def test_the_index_is_zero_for_equal_shapes_and_the_published_sum_otherwise() -> None:
    assert psi([10, 20, 70], [10, 20, 70]) == 0.0
    p, q = np.array([100.5, 900.5]) / 1001, np.array([300.5, 700.5]) / 1001
    assert psi([100, 900], [300, 700]) == pytest.approx(((q - p) * np.log(q / p)).sum())


def test_chance_rarely_exceeds_its_point() -> None:
    rng = np.random.default_rng(5)
    shares = np.array([0.3, 0.3, 0.2, 0.1, 0.1])
    draws = [
        psi(rng.multinomial(400, shares).tolist(), rng.multinomial(900, shares).tolist()) for _ in range(2000)
    ]
    assert np.mean(np.array(draws) > chance_psi(400, 900, 5)) < 0.005


def test_numbers_read_with_three_digits() -> None:
    assert [number(value) for value in (0.0, 0.0123456, 1.5, 36.0, 1234.5)] == [
        "0",
        "0.0123",
        "1.50",
        "36.0",
        "1,234",
    ]


def test_an_empty_day_is_chance_only_where_few_are_usual() -> None:
    usual = likeness(apr_6=0)
    few = Likeness(**{**usual.__dict__, "shoppers": dict.fromkeys(usual.shoppers, 4)})
    assert not recent_lines(usual, LIMITS).ok
    assert recent_lines(few, LIMITS).ok


def test_dear_last_days_are_caught_unless_few_bought() -> None:
    usual = likeness()
    dear = usual.paid_minor | dict.fromkeys(["2024-04-05", "2024-04-06", "2024-04-07"], 600_000)
    many = Likeness(**{**usual.__dict__, "paid_minor": dear})
    few = Likeness(**{**many.__dict__, "shoppers": dict.fromkeys(usual.shoppers, 1)})
    check = paid_level(tonight(likeness=many), LIMITS)
    assert (check.value, check.ok) == (2.4, False)
    assert check.says == "a line of 2024-04-05 to 2024-04-07 brought 6.00 USD, 2.50 in the weeks before"
    assert paid_level(tonight(likeness=few), LIMITS).ok
