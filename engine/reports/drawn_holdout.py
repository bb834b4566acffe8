"""Who is held out and who is not, as a lot has drawn them: what reports compare, where there is a holdout."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import Arm
from engine.reports.report_figures import ReportLine, ShownFigure, estimated
from engine.store.log.measured_arms import Member
from engine.store.nights.kept_experiments import KeptExperiment
from models.effects.drawn_arms import Arms
from models.effects.treatment_effect import treatment_effect
from models.tables import CUSTOMER_ID


@dataclass(frozen=True)
class DrawnHoldout:
    """A holdout.

    Attributes:
        began: first local day on which anything could differ.
        people: index customer_id: unit, the name that was drawn, and treated.
    """

    began: date
    people: pd.DataFrame

    @classmethod
    def of(cls, about: KeptExperiment, members: Iterable[Member]) -> "DrawnHoldout":
        """From what the store has."""
        rows = [(one.customer_id, one.unit, one.arm == Arm.TREATED.value) for one in members]
        table = pd.DataFrame(rows, columns=[CUSTOMER_ID, "unit", "treated"]).set_index(CUSTOMER_ID)
        # A household in both arms tells nothing of either.
        torn = table.groupby("unit")["treated"].transform("nunique") > 1
        return cls(date.fromisoformat(about.definition["since"]), table[~torn])

    def compare(self, customer_id: "pd.Series[str]", values: npt.ArrayLike, unit: str) -> list[ReportLine]:
        """Both arms' means of a figure and their difference, a line each; nothing where an arm has fewer than two units.

        Args:
            customer_id: shape (n,), who is compared; whoever was not drawn is left out.
            values: shape (n,), each one's figure.
            unit: of the figure.
        """
        drawn = self.people.reindex(customer_id)
        known = drawn["unit"].notna().to_numpy()
        treated = drawn["treated"].to_numpy()[known].astype(np.bool_)
        arms = Arms.of(treated, drawn["unit"].to_numpy()[known].astype(np.str_))
        if int(arms.households.min()) < 2:  # noqa: PLR2004 - one alone has no spread
            return []
        effect = treatment_effect(np.asarray(values, dtype=np.float64)[known], arms)
        n_treated, n_control = (int(n) for n in arms.customers)
        fewest = min(n_treated, n_control)
        found: list[tuple[str, ShownFigure]] = [
            ("treated", estimated(effect.treated, unit, n_treated)),
            ("held out", estimated(effect.holdout, unit, n_control)),
            ("difference", estimated(effect.difference, unit, fewest)),
        ]
        return [ReportLine(name, [figure]) for name, figure in found]
