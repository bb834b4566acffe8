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
        pattern=r"^(none|at_most [1-9][0-9]{0,3}|win_back)$",
        description='"none", "at_most 1000" (no deeper than so many bp) or "win_back"',
    ),
]


class WinBack(Section):
    """The plan that wins back: whom it still asks, and the line of the budget that it is paid from."""

    seen_days: int = Field(ge=1, le=3650, description="a whole number of days from 1 to 3650")
    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[BudgetPeriod, member(BudgetPeriod)] = Field(description='"day", "week" or "month"')


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
        asked = [name for name, treatment in self.treatments.items() if treatment.gets is Gets.WIN_BACK]
        if asked and self.win_back is None:
            yield (
                f'rules.{asked[0]} = "win_back" is paid from a line of its own, and nothing says how much it may cost: write '
                "[rules.win_back] with seen_days (whom it still asks), amount_minor and period."
            )
        if self.win_back is not None and not asked:
            yield (
                '[rules.win_back] would do nothing, because no rule gives "win_back": write one, such as lost = "win_back", or '
                "leave the section out."
            )

    def seen_days(self, otherwise: int) -> int:
        """Within how many days a purchase makes a customer worth scoring, [eligibility] asking for `otherwise`."""
        return otherwise if self.win_back is None else max(otherwise, self.win_back.seen_days)
