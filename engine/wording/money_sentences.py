"""What an analyst reads of a bundle in money: what each slot is expected to bring, and what it would be otherwise.

English in every shop, as `analyst_sentences`; the figures are in the same answer as JSON.
"""

from collections.abc import Mapping
from typing import Any

from models.ground.currencies import written

_NOT_LEARNT = "staying not learnt yet"


def money_lines(worth: Mapping[str, Any], currency: str) -> list[str]:
    """A bundle in a sentence and the sentences of its slots.

    Args:
        worth: as `engine.nightly.folder.bundle_in_money.worth_of` tells it.
        currency: ISO code.
    """
    slots = [
        f"-{_percent(slot['discount_bp'])}  {slot['name']}: {_slot(worth, slot, currency)}"
        for slot in worth["slots"]
    ]
    return [_bundle(worth, currency), *slots, _without(worth, currency)]


def _bundle(worth: Mapping[str, Any], currency: str) -> str:
    if not worth["in_money"]:
        return (
            f"Policy {worth['policy']} values offers by the chance that they are used, not in money: what a discount changes of it "
            "is not known to this night."
        )
    return (
        f"In {currency}: plan {worth['plan']} is expected to bring {_signed(worth['value_minor'], currency)}, give or take "
        f"{written(worth['deviation_minor'], currency)} ({_parts(worth, currency)}); it competed by "
        f"{_signed(worth['lower_minor'], currency)}."
    )


def _slot(worth: Mapping[str, Any], slot: Mapping[str, Any], currency: str) -> str:
    cost = written(slot["expected_cost_minor"], currency)
    if not worth["in_money"]:
        otherwise = [
            f"at {_percent(one['discount_bp'])}: {written(one['expected_cost_minor'], currency)}"
            for one in slot["otherwise"]
            if one["discount_bp"]
        ]
        text = (
            f"bought with a chance of {slot['p_buy']:.1%} without the offer, {slot['units']:.1f} units if bought; its discount is "
            f"expected to cost {cost} {currency}"
        )
        return "; ".join([text, *otherwise])
    text = (
        f"bought with {slot['p_buy_offer']:.1%} instead of {slot['p_buy']:.1%}, {slot['units_offer']:.1f} instead of "
        f"{slot['units']:.1f} units; {_parts(slot, currency)}, give or take {written(slot['deviation_minor'], currency)}"
    )
    return "; ".join([text, *(_otherwise(one, currency) for one in slot["otherwise"])])


def _otherwise(one: Mapping[str, Any], currency: str) -> str:
    """`at 10 %: 11.8 % bought, 0.03 more`, the bundle's other slots as they are."""
    changed = one["gain_changed_minor"]
    how = (
        f"by itself {_signed(one['own_gain_minor'], currency)}"
        if changed is None
        else f"{written(abs(changed), currency)} {'more' if changed >= 0 else 'less'}"
    )
    place = f"at {_percent(one['discount_bp'])}" if one["discount_bp"] else "without this offer"
    return f"{place}: {one['p_buy']:.1%} bought, {how}"


def _without(worth: Mapping[str, Any], currency: str) -> str:
    without = worth["without"]
    bought = f"Without the bundle: {without['units']:.2f} units of these items are bought anyway"
    if not worth["in_money"]:
        return f"{bought}; how many more with it is not known."
    usual = (
        ""
        if worth["usual_minor"] is None
        else f", and the visits of its days leave {written(worth['usual_minor'], currency)}"
    )
    return f"{bought}, with it {without['units_with']:.2f}{usual}; nothing is gained and nothing given."


def _parts(of: Mapping[str, Any], currency: str) -> str:
    staying = of["staying_minor"]
    kept = _NOT_LEARNT if staying is None else f"staying {_signed(staying, currency)}"
    return f"by itself {_signed(of['own_gain_minor'], currency)}, visits {_signed(of['visits_minor'], currency)}, {kept}"


def _percent(depth_bp: int) -> str:
    return f"{depth_bp / 100:g} %"


def _signed(minor: float, currency: str) -> str:
    text = written(minor, currency)
    return text if minor < 0 else f"+{text}"
