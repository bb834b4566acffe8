"""The programme's section [grants]: what the shop's people may give, and what that may cost.

Part of `engine.programme`; a file without it gives nothing. What grants are is in `engine.domain.grants`.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from engine.domain.budget import BudgetPeriod
from engine.domain.grants import MOST_MINOR, GrantKind
from engine.programme.section import Section, member


class GrantBudget(Section):
    """What grants of one kind may cost: the amounts given in a period, less what was taken back unused."""

    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[BudgetPeriod, member(BudgetPeriod)] = Field(description='"day", "week" or "month"')


class GrantBudgets(Section):
    """A line for each kind; a kind without one is not given by people."""

    compensation: GrantBudget | None = None
    thank_you: GrantBudget | None = None


class Grants(Section):
    """What one grant, one customer's month and each kind's line may cost."""

    days: int = Field(ge=1, le=366, description="a whole number of local days from 1 to 366")
    compensation_limit_minor: int = Field(
        ge=0, le=MOST_MINOR, description=f"minor units, from 0 to {MOST_MINOR}"
    )
    compensation_a_month: int = Field(ge=0, le=1000, description="a whole number of grants from 0 to 1000")
    thank_you_limit_minor: int = Field(
        default=0, ge=0, le=MOST_MINOR, description=f"minor units, from 0 to {MOST_MINOR}"
    )
    thank_you_a_month: int = Field(
        default=1, ge=0, le=1000, description="a whole number of grants from 0 to 1000"
    )
    budget: GrantBudgets

    def limit_minor(self, kind: GrantKind) -> int:
        """What one grant of a kind may be, minor units."""
        return self.compensation_limit_minor if kind is GrantKind.COMPENSATION else self.thank_you_limit_minor

    def a_month(self, kind: GrantKind) -> int:
        """How many of a kind one customer may be given in a calendar month."""
        return self.compensation_a_month if kind is GrantKind.COMPENSATION else self.thank_you_a_month

    def line(self, kind: GrantKind) -> GrantBudget | None:
        """The budget of a kind; None where people give none of it."""
        return self.budget.compensation if kind is GrantKind.COMPENSATION else self.budget.thank_you

    def _impossibilities(self) -> Iterator[str]:
        for kind in GrantKind:
            limit, line = self.limit_minor(kind), self.line(kind)
            if limit and line is None:
                yield (
                    f"grants.{kind}_limit_minor = {limit} but there is no [grants.budget.{kind}], so nothing says what all of "
                    f"them may cost; write amount_minor and period there, or {kind}_limit_minor = 0."
                )
            if line is not None and line.amount_minor < limit:
                yield (
                    f"grants.{kind}_limit_minor = {limit} is above grants.budget.{kind}.amount_minor = {line.amount_minor}; "
                    "lower the first or raise the second."
                )
