"""The programme's section [rules]: what a customer gets for where they stand, whatever an offer is worth.

Part of `engine.programme`. A key is what is known of a customer (`models.customers.loyalty`): a flag, a rung of the ladder or,
behind `loyalty_`, a kind of loyalty. A key that is left out rules nothing; of several that match a customer the strictest
counts (`engine.domain.treatments`). An open complaint is no key: [outreach] pauses_offers says what it stops.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from engine.domain.budget import BudgetPeriod
from engine.domain.treatments import Gets, Treatment
from engine.programme.section import Section, member

WhatTheyGet = Annotated[
    str | None,
    Field(
        pattern=r"^(none|thank_you|at_most [1-9][0-9]{0,3}|win_back)$",
        description='"none", "thank_you", "at_most 1000" (no deeper than so many bp) or "win_back"',
    ),
]


class WinBack(Section):
    """The plan that wins back: whom it still asks, and the line of the budget that it is paid from."""

    seen_days: int = Field(ge=1, le=3650, description="a whole number of days from 1 to 3650")
    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[BudgetPeriod, member(BudgetPeriod)] = Field(description='"day", "week" or "month"')


class GivenMoney(Section):
    """Money without a condition that nights give, and the line of the budget that it is paid from, counted as given.

    `says` is what the customer reads of it.
    """

    each_minor: int = Field(ge=1, le=10**9, description="minor units, from 1 to 1000000000")
    valid_days: int = Field(ge=1, le=366, description="a whole number of days from 1 to 366")
    says: str = Field(
        min_length=1, max_length=500, description="a sentence of 1 to 500 characters for the customer"
    )
    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[BudgetPeriod, member(BudgetPeriod)] = Field(description='"day", "week" or "month"')

    def _impossibilities(self) -> Iterator[str]:
        if not self.says.strip() or not self.says.isprintable():
            yield f"says = {self.says!r}: expected one line that a customer can read; write it without control characters."


class ThankYou(GivenMoney):
    """An occasional thank-you instead of standing discounts: one at most in so many days."""

    every_days: int = Field(ge=1, le=3650, description="a whole number of days from 1 to 3650")


class Compensation(GivenMoney):
    """What follows a complaint that was settled within so many days before the night."""

    within_days: int = Field(ge=1, le=366, description="a whole number of days from 1 to 366")


class CustomerRules(Section):
    """What a customer gets, by what is known of them."""

    at_a_loss: WhatTheyGet = None
    deal_only: WhatTheyGet = None
    at_height: WhatTheyGet = None
    reward_alarm: WhatTheyGet = None
    suspect: WhatTheyGet = None
    prospect: WhatTheyGet = None
    disqualified: WhatTheyGet = None
    first_time: WhatTheyGet = None
    repeat: WhatTheyGet = None
    client: WhatTheyGet = None
    advocate: WhatTheyGet = None
    lapsing: WhatTheyGet = None
    lost: WhatTheyGet = None
    won_back: WhatTheyGet = None
    loyalty_true: WhatTheyGet = None
    loyalty_latent: WhatTheyGet = None
    loyalty_spurious: WhatTheyGet = None
    loyalty_none: WhatTheyGet = None
    win_back: WinBack | None = None
    thank_you: ThankYou | None = None
    compensation: Compensation | None = None

    @property
    def treatments(self) -> dict[str, Treatment]:
        """What each rule gives, by what is known of a customer, in the order of the keys."""
        said = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: Treatment.read(text) for name, text in said.items() if isinstance(text, str)}

    def impossibilities(self, depths_bp: Sequence[int]) -> Iterator[str]:
        """What cannot be meant, in the owner's words."""
        for name, treatment in self.treatments.items():
            if treatment.at_most_bp is not None and treatment.at_most_bp < min(depths_bp):
                yield (
                    f'rules.{name} = "{treatment}" leaves no depth, the smallest of depths.bp is {min(depths_bp)}: write '
                    '"none", or a depth from there on.'
                )
        for gets, section, such_as, keys in (
            (Gets.WIN_BACK, self.win_back, "lost", _keys_of(WinBack)),
            (Gets.THANK_YOU, self.thank_you, "at_height", _keys_of(ThankYou)),
        ):
            asked = [name for name, treatment in self.treatments.items() if treatment.gets is gets]
            if asked and section is None:
                yield (
                    f'rules.{asked[0]} = "{gets}" is paid from a line of its own, and nothing says how much it may cost: write '
                    f"[rules.{gets}] with {keys}."
                )
            if section is not None and not asked:
                yield (
                    f'[rules.{gets}] would do nothing, because no rule gives "{gets}": write one, such as {such_as} = "{gets}", '
                    "or leave the section out."
                )

    def seen_days(self, otherwise: int) -> int:
        """Within how many days a purchase makes a customer worth scoring, [eligibility] asking for `otherwise`."""
        return otherwise if self.win_back is None else max(otherwise, self.win_back.seen_days)


def _keys_of(section: type[Section]) -> str:
    return ", ".join(section.model_fields)
