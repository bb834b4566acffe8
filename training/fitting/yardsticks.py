"""Every model is held against what it would replace, on the cut held out from it: a constant, and a simple rule.

Who does not know more than the shop's rate, or than a rule that needs no learning, is not published: the better of the two
takes its place, and a sentence says so.
"""

from dataclasses import dataclass

import numpy as np

from training.fitting.examples import Examples
from training.fitting.prediction_metrics import auc, calibration_error, mean_log_loss, pr_auc

MODEL, RULE, CONSTANT = "model", "rule", "constant"


@dataclass(frozen=True)
class Standing:
    """A model beside its rule and its constant; each `p` is of the held-out rows, shape (n,).

    Attributes:
        held_out: the rows.
        p: chances by MODEL, RULE and CONSTANT, each learnt from what lies before the held-out cut.
    """

    held_out: Examples
    p: dict[str, np.ndarray]

    @property
    def losses(self) -> dict[str, float]:
        """The mean log loss of each."""
        return {name: measured_on(self.held_out, p)["log_loss"] for name, p in self.p.items()}

    @property
    def best(self) -> str:
        """Who is used: the model only where its loss is below both others'."""
        losses = self.losses
        return min((CONSTANT, RULE, MODEL), key=lambda name: losses[name])

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured of who is used, beside the losses of the others, and the AUC of a model not used."""
        best, losses = self.best, self.losses
        others = {f"{name}_log_loss": loss for name, loss in losses.items() if name != best}
        if best != MODEL:
            others["model_auc"] = measured_on(self.held_out, self.p[MODEL])["auc"]
        return measured_on(self.held_out, self.p[best]) | others

    def note(self, rule: str) -> str | None:
        """What is used instead of the model, a sentence to follow its subject; None where the model is used."""
        best = self.best
        if best == MODEL:
            return None
        used = rule if best == RULE else "the same for everybody, the rate of late"
        losses = self.losses
        return (
            f"is {used}: on the held-out cut the model was not better (log loss {losses[MODEL]:.4f}, the "
            f"rule's {losses[RULE]:.4f}, the constant's {losses[CONSTANT]:.4f})."
        )


def rate_of(happened: np.ndarray, weight: np.ndarray) -> float:
    """The weighted share of rows where it happened; a shop never knows that something is sure."""
    return float(np.clip(np.average(happened, weights=weight), 1e-6, 1 - 1e-6))


def measured_on(examples: Examples, p: np.ndarray) -> dict[str, float]:
    """What was seen on the held-out cut, left-out negatives weighted back in; without what is not defined there."""
    happened, weight = examples.happened, examples.weight
    figures = {
        "rows": float(weight.sum()),
        "rate": float(np.average(happened, weights=weight)),
        "auc": auc(happened, p, weight),
        "pr_auc": pr_auc(happened, p, weight),
        "log_loss": mean_log_loss(happened, p, weight),
        "calibration_error": calibration_error(happened, p, weight),
    }
    return {name: value for name, value in figures.items() if not np.isnan(value)}
