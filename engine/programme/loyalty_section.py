"""The programme's section [loyalty]: from when a customer counts as regular, leaving, unprofitable, or bribed.

Part of `engine.programme`; the formulas are in `models.customers.loyalty`, whose `LoyaltyRules` has the same names.
"""

from pydantic import Field

from engine.domain.money import WHOLE_BP
from engine.programme.section import Section

_DAYS = "a whole number of days from 1 to 730"
_SHARE = "bp, from 0 to 10000"


class LoyaltyThresholds(Section):
    """Every threshold of ladder, loyalty types and alarms."""

    period_days: int = Field(ge=7, le=364, description="a whole number of days from 7 to 364")
    client_visits: int = Field(ge=2, le=364, description="a whole number of visits from 2 to 364")
    lapsing_gaps: float = Field(ge=1, le=100, description="gaps of the customer's own, from 1 to 100")
    lapsing_days: int = Field(ge=1, le=730, description=_DAYS)
    lost_gaps: float = Field(ge=1, le=100, description="gaps of the customer's own, from 1 to 100")
    lost_days: int = Field(ge=1, le=730, description=_DAYS)
    won_back_days: int = Field(ge=1, le=730, description=_DAYS)
    prospect_days: int = Field(ge=1, le=3650, description="a whole number of days from 1 to 3650")
    full_price_bp: int = Field(ge=0, le=WHOLE_BP, description=_SHARE)
    families: int = Field(ge=1, le=1000, description="a whole number of families from 1 to 1000")
    satisfied_score: int = Field(ge=1, le=100, description="a CSI answer from 1 to 100")
    answer_days: int = Field(ge=1, le=3650, description="a whole number of days from 1 to 3650")
    loss_minor: int = Field(ge=-(10**9), le=10**9, description="minor units, from -1000000000 to 1000000000")
    min_buys: int = Field(ge=1, le=1000, description="a whole number of buys from 1 to 1000")
    deal_only_bp: int = Field(ge=1, le=WHOLE_BP, description="bp of the buys, from 1 to 10000")
    height_bp: int = Field(ge=1, le=WHOLE_BP, description="bp of the best period, from 1 to 10000")
    height_growth_bp: int = Field(ge=-WHOLE_BP, le=WHOLE_BP, description="bp, from -10000 to 10000")
    alarm_rise_bp: int = Field(ge=1, le=WHOLE_BP, description="bp of the price, from 1 to 10000")
    alarm_fall_bp: int = Field(ge=1, le=WHOLE_BP, description="bp of the buys, from 1 to 10000")
