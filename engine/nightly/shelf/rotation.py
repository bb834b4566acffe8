"""The rules of the programme's section [rotation] for one bucket of a night, each as what it is to the choice."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.nightly.shelf.assortment import Assortment
from engine.nightly.shelf.candidate_rule import CandidateRule
from engine.nightly.shelf.cool_down import FamilyRest, Fatigue, Rest
from engine.nightly.shelf.offered_before import Numbers
from engine.nightly.shelf.variety import Variety
from engine.programme.rotation_section import Rotation


@dataclass(frozen=True)
class RotationRules:
    """What takes single candidates, in the order in which the log names them, and what whole bundles keep to."""

    rules: tuple[CandidateRule, ...] = ()
    variety: Variety | None = None

    @property
    def any(self) -> bool:
        """Whether anything is asked at all."""
        return bool(self.rules) or self.variety is not None


def rotation_rules(
    section: Rotation | None, offered: pd.DataFrame, assortment: Assortment, items: pd.DataFrame
) -> RotationRules:
    """What a programme asks; nothing without the section.

    Args:
        section: of the programme.
        offered: before tonight, COLUMNS of `offered_before`.
        assortment: the night's items.
        items: the same, with the columns of their families.
    """
    if section is None:
        return RotationRules()
    family_no = _families(section, assortment, items)
    rules: list[CandidateRule] = []
    if section.item_bundles or section.item_days:
        rules.append(
            Rest(
                offered,
                section.item_bundles,
                section.item_days,
                section.staple_gap_days,
                section.staple_bundles,
                section.staple_days,
            )
        )
    if section.family_bundles or section.family_days:
        rules.append(FamilyRest(offered, section.family_bundles, section.family_days, family_no))
    if section.fatigue_offers:
        rules.append(Fatigue(offered, section.fatigue_offers, section.fatigue_days))
    if section.returning is None and not section.families:
        return RotationRules(tuple(rules))
    return RotationRules(tuple(rules), Variety(offered, section.returning, section.families, family_no))


def _families(section: Rotation, assortment: Assortment, items: pd.DataFrame) -> Numbers:
    """Number of each item's family at the level asked for, by default the finest one known; below 0 without one."""
    if section.family_level is None:
        return assortment.family_no
    names = items[section.family_level]
    return pd.factorize(names.where(names.fillna("") != "", None))[0].astype(np.int64)
