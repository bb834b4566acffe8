"""Whom the programme is not for, where a shop runs several, and who has enough of the others' bundles."""

from collections.abc import Mapping

import pandas as pd

from engine.domain.experiments import RunningExperiment, arms_of
from engine.domain.offer_errors import BadProgramme
from engine.programme.assigned_section import Assignment
from models.tables import BUNDLE_ID, CUSTOMER_ID

_LOYALTY = "loyalty_"


def assigned_to_others(
    rules: Assignment | None, lifecycle: pd.DataFrame, cells: Mapping[str, str]
) -> set[str]:
    """The ids of customers whom the programme is not for; nobody where it says nothing of it.

    Args:
        rules: the programme's.
        lifecycle: customer_id, ladder, loyalty and flags of everybody known, as `models.customers.lifecycle` says.
        cells: the label of the arms in which each customer is, by id.
    """
    ids = lifecycle[CUSTOMER_ID].astype("str")
    others: set[str] = set()
    if rules is not None and rules.to is not None:
        stands = pd.concat([_stands(lifecycle, word) for word in rules.to], axis=1).any(axis=1)
        others |= set(ids[~stands])
    if rules is not None and rules.experiment is not None:
        name, arm = rules.experiment
        others |= {one for one in ids if arms_of(cells.get(one, "")).get(name) != arm}
    return others


def with_enough(rules: Assignment | None, beside: pd.DataFrame, most_items: int) -> set[str]:
    """The ids of customers who have so much by other programmes that one more bundle of `most_items` would be too much.

    Args:
        rules: the programme's.
        beside: customer_id, bundle_id, item_id of open bundles of other programmes.
        most_items: of a bundle of this one.
    """
    if rules is None or beside.empty:
        return set()
    of_customer = beside.groupby(CUSTOMER_ID)
    full: set[str] = set()
    if rules.max_bundles is not None:
        bundles = of_customer[BUNDLE_ID].nunique()
        full |= set(bundles[bundles >= rules.max_bundles].index)
    if rules.max_items is not None:
        items = of_customer.size()
        full |= set(items[items + most_items > rules.max_items].index)
    return full


def require_arm(rules: Assignment | None, running: tuple[RunningExperiment, ...]) -> None:
    """Refuse an arm that no running experiment has: the programme would be for nobody.

    Raises:
        BadProgramme: naming those that there are.
    """
    if rules is None or rules.arm is None:
        return
    known = [f"{one.name}/{arm.name}" for one in running for arm in one.arms]
    if rules.arm not in known:
        raise BadProgramme(
            f'assigned.arm = "{rules.arm}" is no arm of an experiment that runs tonight ({", ".join(known) or "none does"}), so the '
            "programme would be for nobody; name one that does, or take the line out to be for everybody."
        )


def _stands(lifecycle: pd.DataFrame, word: str) -> "pd.Series[bool]":
    if word.startswith(_LOYALTY):
        column, value = "loyalty", word.removeprefix(_LOYALTY)
    elif word in lifecycle.columns:
        return lifecycle[word].fillna(value=False).astype("bool")
    else:
        column, value = "ladder", word
    return lifecycle[column].eq(value).fillna(value=False).astype("bool")
