import pytest

from engine.domain.arms import Arm, arm_of, salt_of
from engine.domain.ids import bundle_id, offer_id
from engine.domain.offer_errors import BadRequest

SALT = salt_of(20171204, "arms")


def test_the_arms_of_known_customers_never_change() -> None:
    arms = [arm_of(name, SALT, 0.5).value for name in ("1", "2", "3", "4", "unknown")]
    assert arms == ["holdout", "holdout", "treated", "treated", "holdout"]


def test_the_holdout_has_its_share_of_customers() -> None:
    held_out = sum(arm_of(str(number), SALT, 0.1) is Arm.HOLDOUT for number in range(10_000))
    assert 900 < held_out < 1100


def test_a_larger_holdout_contains_the_smaller_one() -> None:
    names = [str(number) for number in range(500)]
    small = {name for name in names if arm_of(name, SALT, 0.1) is Arm.HOLDOUT}
    assert small < {name for name in names if arm_of(name, SALT, 0.3) is Arm.HOLDOUT}


def test_another_purpose_draws_independently() -> None:
    other = salt_of(20171204, "something else")
    both = sum(arm_of(str(n), SALT, 0.5) is arm_of(str(n), other, 0.5) for n in range(2_000))
    assert 900 < both < 1100


def test_a_share_of_one_or_more_is_refused() -> None:
    with pytest.raises(BadRequest, match="got 1"):
        arm_of("1", SALT, 1.0)


def test_a_bundle_is_named_after_run_seed_and_customer() -> None:
    name = bundle_id("2017-12-04.1", "1029", 7)
    assert name == bundle_id("2017-12-04.1", "1029", 7)
    assert len({name, bundle_id("2017-12-04.2", "1029", 7), bundle_id("2017-12-04.1", "1029", 8)}) == 3
    assert (name[:2], len(name), offer_id(name, "995242")[:2]) == ("b_", 22, "o_")
