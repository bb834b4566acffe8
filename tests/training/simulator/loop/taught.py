"""A learner for tests: counts what is used of its offers, and gives what was used most less deeply every week."""

import numpy as np
import pandas as pd

from engine.nightly.choosing.offer_options import INPUTS, Options
from engine.nightly.choosing.policy import Policy, Valuation
from training.simulator.loop.policy_memory import Memory
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.forecasts import Forecast


class Counting:
    """Remembers how many weeks it was told of, and the uses of every product."""

    def __init__(self) -> None:
        self.weeks, self.uses = 0, np.zeros(0, np.int64)

    def __call__(self, night: int, oracle: Oracle) -> Policy:
        del night, oracle
        return Policy("counting", _likeliest, INPUTS, {"weeks": self.weeks, "used": int(self.uses.sum())})

    def learn(self, lines: pd.DataFrame, offers: pd.DataFrame) -> None:
        """Count."""
        used = lines.loc[lines["offer_no"] >= 0, "product"]
        most = max(len(self.uses), 1 + int(lines["product"].max()))
        self.uses = np.bincount(used, minlength=most) + np.pad(self.uses, (0, most - len(self.uses)))
        self.weeks += bool(len(offers))

    def memory(self) -> Memory:
        """Both."""
        return Memory({"weeks": self.weeks}, {"uses": self.uses})

    def recall(self, memory: Memory) -> None:
        """Both."""
        self.weeks, self.uses = memory.facts["weeks"], memory.arrays["uses"]

    def forecast(self) -> Forecast | None:
        """Sure of its second week, and of nothing in the first."""
        return Forecast(-1e6, 1e6) if self.weeks else None


class Forgetful:
    """Learns and cannot say what."""

    def learn(self, lines: pd.DataFrame, offers: pd.DataFrame) -> None:
        """Keep nothing."""


def _likeliest(options: Options, *, weeks: int, used: int) -> Valuation:
    value = np.full(options.allowed.shape, -np.inf)
    value[:, (weeks + used) % value.shape[1]] = options.p_buy
    return Valuation(value, np.ones_like(value))
