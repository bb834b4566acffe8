"""Learners that are wrong in ways that are easily made, each beside what would make it right."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engine.nightly.choosing.offer_options import INPUTS, Options
from engine.nightly.choosing.policy import Policy, Valuation, no_offers
from training.simulator.loop.policy_memory import Memory
from training.simulator.oracle.oracle import Oracle

EXPLORING_WEEKS = 3
SURE_ERRORS = 2.0


@dataclass
class LotLearner:
    """Gives bundles by lot for some weeks, then to everybody if those with one surely did better, else to nobody.

    Attributes:
        outcome: what counts as doing better, a column of the weeks' totals: margin_minor or visits.
        by_size: lots fall nine times in ten on customers who buy much, and one time in ten on others; else evenly.
        centred: whether the lots are compared among those with the same chance of one.
        sure_errors: standard errors that a difference must be above zero.
    """

    outcome: str
    by_size: bool
    centred: bool
    sure_errors: float = SURE_ERRORS
    seen: list[pd.DataFrame] = field(default_factory=list)
    pays: bool | None = None
    lots: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __call__(self, night: int, oracle: Oracle) -> Policy:
        if night >= EXPLORING_WEEKS:
            if self.pays is None:
                self.pays = self._learnt()
            return Policy("everybody", _likeliest, INPUTS) if self.pays else no_offers
        return Policy(
            "lots", self._drawn, INPUTS, {"night": night, "day": oracle.world.day}, state="of a test"
        )

    def learn(self, lines: pd.DataFrame, _offers: pd.DataFrame) -> None:
        """See what customers bought in the week after the night."""
        if len(self.seen) < EXPLORING_WEEKS and len(self.lots):
            totals = lines.groupby("household").agg(
                margin_minor=("margin_minor", "sum"), visits=("day", "nunique")
            )
            self.seen.append(self.lots.join(totals[self.outcome].rename("outcome")).fillna({"outcome": 0.0}))

    def memory(self) -> Memory:
        """The weeks seen and what was learnt from them."""
        columns = {"exposed", "propensity", "outcome"} if self.seen else set()
        arrays = {
            f"{name}_{week}": one[name].to_numpy() for week, one in enumerate(self.seen) for name in columns
        }
        households = {f"household_{week}": one.index.to_numpy() for week, one in enumerate(self.seen)}
        return Memory({"weeks": len(self.seen), "pays": self.pays}, arrays | households)

    def recall(self, memory: Memory) -> None:
        """Go on from there."""
        self.pays = memory.facts["pays"]
        self.seen = [
            pd.DataFrame(
                {name: memory.arrays[f"{name}_{week}"] for name in ("exposed", "propensity", "outcome")},
                index=memory.arrays[f"household_{week}"],
            )
            for week in range(memory.facts["weeks"])
        ]

    def _drawn(self, options: Options, *, night: int, day: int) -> Valuation:
        n = len(options.customer_id)
        size = np.bincount(options.customer, options.p_buy, minlength=n)
        propensity = np.where(size > np.median(size), 0.9, 0.1) if self.by_size else np.full(n, 0.5)
        exposed = np.random.default_rng([options.seed, night, day]).random(n) < propensity
        households = pd.Index([int(customer) - 1 for customer in options.customer_id])
        self.lots = pd.DataFrame({"exposed": exposed, "propensity": propensity}, index=households)
        value = np.where(exposed[options.customer][:, None], _likeliest(options).value, -np.inf)
        return Valuation(value, np.ones_like(value))

    def _learnt(self) -> bool:
        seen = pd.concat(self.seen)
        lot, outcome = seen["exposed"].to_numpy(dtype=float), seen["outcome"].to_numpy(dtype=float)
        if self.centred:
            stratum = seen.groupby("propensity")
            lot = lot - stratum["exposed"].transform("mean").to_numpy(dtype=float)
            outcome = outcome - stratum["outcome"].transform("mean").to_numpy(dtype=float)
        lot, outcome = lot - lot.mean(), outcome - outcome.mean()
        effect = (lot @ outcome) / (lot @ lot)
        error = np.sqrt(lot**2 @ (outcome - effect * lot) ** 2) / (lot @ lot)
        return bool(effect > self.sure_errors * error)


def _likeliest(options: Options) -> Valuation:
    """The likeliest items at the deepest depth."""
    value = np.full(options.allowed.shape, -np.inf)
    value[:, -1] = options.p_buy
    return Valuation(value, np.ones_like(value))


def _dearest(options: Options) -> Valuation:
    """The largest savings on what is least likely to be bought."""
    value = np.full(options.allowed.shape, -np.inf)
    value[:, -1] = options.discount_minor[:, -1] / (options.p_buy + 1e-3)
    return Valuation(value, np.ones_like(value))


decoy = Policy("decoy", _dearest, frozenset({"allowed", "discount_minor", "p_buy"}))
