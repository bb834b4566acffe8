"""What is the same for every bucket of one night."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.domain.arms import salt_of
from engine.domain.validity_window import LocalDays, length_days
from engine.programme import Programme


@dataclass(frozen=True)
class Night:
    """One run: its name, its moment, and the rules and versions it goes by.

    Attributes:
        run_id: such as 2017-12-04.1.
        as_of: the data's cut; nothing at or after it is known.
        timezone: the shop's IANA zone.
        programme: the owner's rules.
        model_version: the artifact whose scores are used.
        policy_name: the policy that valued the depths.

    """

    run_id: str
    as_of: datetime
    timezone: str
    programme: Programme
    model_version: str
    policy_name: str

    @cached_property
    def days(self) -> LocalDays:
        """The shop's local days."""
        return self.programme.local_days(self.timezone)

    @cached_property
    def valid_from(self) -> datetime:
        """The first day start at or after `as_of`, when tonight's bundles begin."""
        return self.days.first_start(self.as_of)

    def window_days(self, next_visit_days: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return how many days each customer's bundle is valid, which is also the window of their p_buy."""
        lead_days = (self.valid_from - self.as_of) / timedelta(days=1)
        shortest, longest = self.programme.validity.min_days, self.programme.validity.max_days
        lengths = [length_days(days, lead_days, shortest, longest) for days in next_visit_days.tolist()]
        return np.array(lengths, dtype=np.int64)

    @cached_property
    def launch_salt(self) -> bytes:
        """The salt that draws who tries a product new on the shelf, another one each night."""
        return salt_of(self.programme.seed, f"launch/{self.valid_from.date().isoformat()}")
