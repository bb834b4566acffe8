"""The programme's section [outreach]: who is late enough to be contacted, and what contacts change.

Part of `engine.programme`; the rules themselves are in `models.customers.overdue` and `engine.domain.contacts`.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.programme.section import Section, as_tuple


class Outreach(Section):
    """Customers late by their own cycle, and what a contact with them changes."""

    late_share: float = Field(
        gt=0, lt=0.5, description="a share of a customer's own gaps, above 0 and below 0.5"
    )
    stake_days: int = Field(ge=1, le=730, description="a whole number of days from 1 to 730")
    quiet_days: int = Field(ge=0, le=365, description="a whole number of days from 0 to 365")
    pauses_offers: Annotated[tuple[Literal["complaint", "moved"], ...], BeforeValidator(as_tuple)] = Field(
        description='a list of "complaint" and "moved"'
    )
