"""A customer's bundle in money: what each slot was worth to the night that made it, and what it would be otherwise.

For analysts. The night's log says what was weighed; at another depth, or without the bundle, it is reckoned from that log and the
response that the night was told of. Of a policy that does not count in money, such as `depth_rule`, only what is known without an
offer and what it would cost can be said.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.budget import MILLI
from engine.nightly.folder.run_folder import RunFolder
from engine.programme import kept_rules
from models.ground.errors import BadArtifact, BadInput
from models.response.offer_otherwise import LoggedOffer, visits_minor
from models.response.visit_effects import VisitEffects
from models.tables import CUSTOMER_ID, EXPECTED_COST_MILLI, EXPECTED_UNITS, ITEM_ID, P_BUY
from models.versions.response_versions import open_response_version, response_folder

STAYING = "staying"  # the part of a plan's or slot's value that a reward keeps; absent while it is not learnt
_PARTS = ("own_gain", "visits", STAYING)


def bundle_in_money(
    workspace: Path, folder: RunFolder, customer_id: str, *, shadow: bool
) -> dict[str, Any] | None:
    """Return what a customer's bundle of a finished run was worth, as `worth_of` does; None where they have none in it.

    Args:
        workspace: which keeps the response that the night was told of.
        folder: of the run.
        customer_id: whose.
        shadow: look for the bundle that they would have had; it tells who is held out.

    Raises:
        BadInput: a file of the run is missing or was changed.
    """
    if not folder.is_finished:
        return None
    found = [
        pd.read_parquet(file, filters=[(CUSTOMER_ID, "==", customer_id)])
        for file in folder.checked_files("shadow" if shadow else "slots")
    ]
    rows = [frame for frame in found if len(frame)]
    if not rows or "plan_parts" not in rows[0]:  # a run of a release that did not tell
        return None
    programme = kept_rules(folder.programme.read_text(encoding="utf-8"), str(folder.programme)).programme
    version = folder.request().get("response")
    effects = None if version is None else _effects(workspace, version)
    return {"run_id": folder.run_id, "response": version, "shadow": shadow} | worth_of(
        rows[0], effects, programme.depths.bp
    )


def _effects(workspace: Path, version: str) -> VisitEffects | None:
    """What the night believed of visits; None where that version is gone."""
    try:
        return open_response_version(response_folder(workspace), version).effects
    except (BadInput, BadArtifact):
        return None


def worth_of(slots: pd.DataFrame, effects: VisitEffects | None, depths_bp: Sequence[int]) -> dict[str, Any]:
    """What a bundle and each of its slots is worth, minor units.

    Args:
        slots: one customer's rows of SLOT_LOG or SHADOW_LOG.
        effects: what the night believed that savings do to visits; without it visits at other depths are not told.
        depths_bp: the programme's.

    Returns:
        policy, plan, in_money (whether the policy counts in money); value_minor, lower_minor and deviation_minor of the bundle,
        its own_gain_minor, visits_minor and staying_minor, usual_minor (margin of the window's visits without offers),
        p_exposed, p_plan; without (units bought of the items and what they are without the bundle); slots. All that is not
        known is None.
    """
    slots = slots.sort_values("slot", kind="stable")
    first = slots.iloc[0]
    parts = json.loads(first["plan_parts"]) if isinstance(first["plan_parts"], str) else {}
    rows = slots.to_dict("records")
    told = [json.loads(row["value_parts"]) for row in rows]
    offers = [
        LoggedOffer.told(int(row["discount_bp"]), float(row[P_BUY]), float(row[EXPECTED_UNITS]), part)
        for row, part in zip(rows, told, strict=True)
    ]
    in_money = [offer for offer in offers if offer is not None]
    whole = len(in_money) == len(offers)
    usual = parts.get("usual_visits")
    weighed = _Bundle(in_money, effects, usual) if whole else None
    return {
        "policy": first["policy"],
        "plan": _known(first["plan"]),
        "in_money": whole,
        "value_minor": _known(first["plan_value"]) if whole else None,
        "lower_minor": _known(first["plan_lower"]) if whole else None,
        "deviation_minor": _known(first["plan_deviation"]) if whole else None,
        **{f"{name}_minor": parts.get(name) if whole else None for name in _PARTS},
        "usual_minor": usual,
        "p_exposed": _known(first["p_exposed"]),
        "p_plan": _known(first["p_plan"]),
        "without": {
            "units": sum(float(row[P_BUY]) * float(row[EXPECTED_UNITS]) for row in rows),
            "units_with": sum(one.p_buy_offer * one.units_offer for one in in_money) if whole else None,
            "value_minor": 0.0 if whole else None,
        },
        "slots": [
            _slot(row, part, place, weighed, depths_bp)
            for place, (row, part) in enumerate(zip(rows, told, strict=True))
        ],
    }


class _Bundle:
    """A bundle whose offers are told in money, and what its visits would be worth with another offer in a place."""

    def __init__(
        self, offers: list[LoggedOffer], effects: VisitEffects | None, usual_minor: float | None
    ) -> None:
        self.offers, self._effects, self._usual = offers, effects, usual_minor

    def visits_changed(self, place: int, other: LoggedOffer) -> float | None:
        """Margin of visits more or less than the bundle brings as it is."""
        if self._effects is None or self._usual is None:
            return None
        changed = [*self.offers[:place], other, *self.offers[place + 1 :]]
        before, after = (visits_minor(these, self._effects, self._usual) for these in (self.offers, changed))
        return after - before


def _slot(
    row: dict[Any, Any], parts: dict[str, float], place: int, bundle: _Bundle | None, depths_bp: Sequence[int]
) -> dict[str, Any]:
    cost = float(row[EXPECTED_COST_MILLI]) / MILLI
    return {
        ITEM_ID: row[ITEM_ID],
        "name": row["name"],
        "discount_bp": int(row["discount_bp"]),
        P_BUY: float(row[P_BUY]),
        "p_buy_offer": parts.get("p_buy_offer"),
        "units": float(row[EXPECTED_UNITS]),
        "units_offer": parts.get("units_offer"),
        "expected_cost_minor": cost,
        "discount_minor": parts.get("discount"),
        **{f"{name}_minor": parts.get(name) if bundle else None for name in _PARTS},
        "deviation_minor": parts.get("deviation"),
        "otherwise": [
            _at(depth, int(row["discount_bp"]), cost, place, bundle)
            for depth in (0, *depths_bp)
            if depth != row["discount_bp"]
        ],
    }


def _at(depth_bp: int, now_bp: int, cost: float, place: int, bundle: _Bundle | None) -> dict[str, Any]:
    """The slot at another depth, 0 for no offer in its place, the others as they are."""
    if bundle is None:
        # Nobody knows whether it would be bought oftener: the same purchases at another discount.
        return {
            "discount_bp": depth_bp,
            "expected_cost_minor": cost * depth_bp / now_bp,
            "gain_changed_minor": None,
        }
    offer = bundle.offers[place]
    other = offer.at(depth_bp) if depth_bp else offer.without()
    visits = bundle.visits_changed(place, other)
    own = other.own_gain - offer.own_gain
    return {
        "discount_bp": depth_bp,
        "p_buy": other.p_buy_offer,
        "units": other.units_offer,
        "own_gain_minor": other.own_gain,
        "visits_changed_minor": visits,
        "gain_changed_minor": None if visits is None else own + visits,
        "expected_cost_minor": cost * depth_bp / now_bp,
    }


def _known(value: Any) -> Any:
    return None if pd.isna(value) else value if isinstance(value, str) else float(value)
