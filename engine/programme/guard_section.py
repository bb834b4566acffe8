"""The programme's section [guard]: what a night must look like to be published without anybody looking.

Part of `engine.programme`; the checks themselves are in `engine.nightly.guard`.
"""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from engine.programme.closed_days import EXPECTED, check_closed_day
from engine.programme.section import Section, as_tuple

_SHARE = "a share from 0 to 1"
_FACTOR = "a factor from 1 to 100"

ClosedDay = Annotated[str, AfterValidator(check_closed_day)]


class GuardLimits(Section):
    """Every limit of the guard; each must be given, a wide one switches its check off in plain sight."""

    compare_runs: int = Field(ge=1, le=100, description="a whole number of earlier runs from 1 to 100")
    compare_days: int = Field(ge=1, le=365, description="a whole number of days from 1 to 365")
    closed_days: Annotated[tuple[ClosedDay, ...], BeforeValidator(as_tuple)] = Field(description=EXPECTED)
    max_data_age_hours: float = Field(gt=0, le=8760, description="hours, above 0 and up to 8760")
    recent_days: int = Field(ge=1, le=7, description="a whole number of days from 1 to 7")
    max_day_factor: float = Field(ge=1, le=100, description=_FACTOR)
    max_history_change: float = Field(ge=0, le=10, description="a share of the lines from 0 to 10")
    max_unknown_product_share: float = Field(ge=0, le=1, description=_SHARE)
    min_known_item_share: float = Field(ge=0, le=1, description=_SHARE)
    max_price_factor: float = Field(ge=1, le=100, description=_FACTOR)
    max_price_jump_share: float = Field(ge=0, le=1, description=_SHARE)
    min_known_customer_share: float = Field(ge=0, le=1, description=_SHARE)
    min_model_basket_share: float = Field(ge=0, le=1, description=_SHARE)
    max_empty_share: float = Field(ge=0, le=1, description=_SHARE)
    max_depth_change_bp: int = Field(ge=0, le=10000, description="basis points from 0 to 10000")
    max_cost_factor: float = Field(ge=1, le=100, description=_FACTOR)
    max_p_buy_drift: float = Field(ge=0, le=10, description="a population stability index from 0 to 10")
    max_p_churn_drift: float = Field(ge=0, le=10, description="a population stability index from 0 to 10")
    max_candidate_drift: float = Field(ge=0, le=10, description="a population stability index from 0 to 10")
