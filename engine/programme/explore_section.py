"""The programme's section [explore]: what a policy that learns by lot may expose and spend while it does not know yet.

Part of `engine.programme`; what comes of it night by night is `models.response.exposure`.
"""

from pydantic import Field

from engine.programme.section import Section

FIRST_SALT = "explore"


class Explore(Section):
    """Learning by lot; its sum is a budget line of its own."""

    first_share: float = Field(gt=0, le=0.95, description="a share of customers above 0, up to 0.95")
    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    # Of the usual visits; half of what is usual where offers bring any, so that nothing worth having is lost unseen.
    visits_margin: float = Field(default=0.05, gt=0, le=1, description="a share of visits above 0, up to 1")
    # While bundles pay, nobody outside the holdout goes without for longer.
    longest_unexposed_weeks: int = Field(default=8, ge=1, le=104, description="weeks from 1 to 104")
    # Not of the programme's seed: who is exposed stays so where the seed is changed for another reason.
    salt: str = Field(default=FIRST_SALT, min_length=1, description="words that the lots are drawn from")
