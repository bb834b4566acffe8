"""What the checks look at: the night in numbers, what came before it, and the model's own look at the shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.nightly.guard.night_measures import Measures
from models.versions.shop_likeness import Likeness


@dataclass(frozen=True)
class Earlier:
    """An earlier published run."""

    run_id: str
    measures: Measures


@dataclass(frozen=True)
class Tonight:
    """Everything that the checks look at.

    Attributes:
        as_of: the night's cut of the data.
        measures: the night in numbers.
        item_prices: every item in use tonight, by mark, with its price.
        earlier: runs to compare with, oldest first.
        model: the shop as the model saw it when it was fitted, None for models that did not look.
        model_basket_share: of the baskets in `model`, found in tonight's data; None if it does not reach back.
        known_customer_share: of the last run's customers, scored tonight; None if that run's folder is gone.
        currency: of the load's amounts, ISO code.
        budget_binds: tonight's share of the budget is smaller than what all bundles would cost.
        arms: what `inspect_arms` found.
        budget_for_all_minor: the period's amount of which tonight's share would pay all bundles; None where it is not known.
    """

    as_of: datetime
    measures: Measures
    item_prices: Mapping[str, int | None]
    earlier: Sequence[Earlier]
    model: Likeness | None
    model_basket_share: float | None
    known_customer_share: float | None
    currency: str
    budget_binds: bool = False
    budget_for_all_minor: int | None = None
    arms: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> tuple[str, Likeness] | None:
        """What the shop looked like before: to the last run, else to the model."""
        if self.earlier:
            return f"run {self.earlier[-1].run_id}", self.earlier[-1].measures.likeness
        return None if self.model is None else (f"model {self.measures.model}", self.model)


def in_words(earlier_runs: int) -> str:
    """1 earlier run, 2 earlier runs."""
    return "1 earlier run" if earlier_runs == 1 else f"{earlier_runs} earlier runs"
