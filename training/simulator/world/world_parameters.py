"""What makes a world: every number that its behaviour rests on, with unit and range. No key has a default.

`world_files` reads them from TOML; docs/simulator.md has the equations.
"""

from datetime import date
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=20)]
Spread = Annotated[float, Field(ge=0, le=5)]
Days = Annotated[float, Field(gt=0, le=3650)]
Entry = TypeVar("Entry")
Listed = Annotated[
    tuple[Entry, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
]


class WorldSection(BaseModel):
    """A part of a world file: frozen, strict, complete, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class ShopAssortment(WorldSection):
    """What the shop sells."""

    families: Annotated[int, Field(ge=2, le=120)]  # purchase categories (family_2)
    products_per_family: Annotated[float, Field(ge=1, le=100)]  # mean
    products_sd_log: Spread  # of the log number of products between families
    popularity_sd: Spread  # of a product's utility for everybody, in logit units
    price_minor: Annotated[float, Field(ge=10, le=1_000_000)]  # median price of one unit, minor units
    price_sd_log: Spread  # of log price between families
    price_sd_log_in_family: Spread  # and within one
    own_brand_share: Share  # of products


class UnitMargins(WorldSection):
    """What a unit costs the shop. No data at hand knows it: an assumption, stated."""

    mean_share: Share  # of the shelf price, mean over families
    sd_share: Share  # between families


class Promotions(WorldSection):
    """The chain's own promotions by week, for everybody."""

    product_share: Share  # mean share of its weeks that a product is on promotion
    concentration: Annotated[
        float, Field(gt=0, le=1000)
    ]  # of the beta between products; small: some always, some never
    depths_bp: Listed[Annotated[int, Field(gt=0, lt=10_000)]]  # basis points off the shelf price
    depth_weights: Listed[Annotated[float, Field(ge=0)]]  # how often each depth is taken
    weeks: Annotated[
        float, Field(ge=1, le=26)
    ]  # mean length of a promotion; products differ by at most one week
    mailer_share: Share  # of promoted products that the week's mailer shows

    @model_validator(mode="after")
    def _weights_for_depths(self) -> Self:
        if len(self.depths_bp) != len(self.depth_weights) or not sum(self.depth_weights):
            raise ValueError("depth_weights needs a weight for each of depths_bp, and one of them above zero")
        return self


class Visits(WorldSection):
    """When a household comes: gamma gaps, moved by shortage, attention and fatigue."""

    gap_days: Days  # median over households of the mean gap
    gap_sd_log: Spread  # of the log mean gap between households
    regularity: Annotated[float, Field(gt=0.1, le=20)]  # median shape of the gamma; 1 is exponential
    regularity_sd_log: Spread
    shortage_weight: Weight  # log hazard for a whole household's shortage above its usual one
    shortage_usual: Share  # shortage at which the hazard is the household's own
    fatigue_weight: Weight  # log hazard lost for one unit of fatigue
    away_per_year: Annotated[float, Field(ge=0, le=52)]  # times a year that a household is away
    away_days: Days  # mean length
    joining_share: Share  # of households that join after day 0
    joining_days: Annotated[int, Field(ge=1)]  # days over which those join, evenly


class Attention(WorldSection):
    """What of the day's personal offers brings a household to the shop. No data at hand identifies any of it.

    The four `on_` shares add up, to 1 at most: of an offer's saving a household counts so much.
    """

    weight: Weight  # log hazard for offers worth the way; 0: offers bring nobody
    trip_cost_minor: Annotated[
        float, Field(ge=0)
    ]  # minor units: what a further trip costs a usual household's time
    time_sd_log: Spread  # between households: the weight of time
    on_short: Share  # counted in a family of which nothing is left at home, in proportion to what is missing
    on_habit: Share  # counted of an item that was always bought, in proportion to the habit
    on_new: Share  # counted of an item never bought, in proportion to the openness to the new
    on_chance: (
        Share  # counted of an item that a visit of today would use for sure, in proportion to the chance
    )
    full_chance: Annotated[float, Field(gt=0, le=1)]  # chance of use that counts as sure
    used_before: Share  # of all this that works only on who used an offer lately
    used_days: Days  # half-life of having used one
    wear: Weight  # log of what is counted lost for one unit of fatigue
    errand: Weight  # log odds lost, on a visit that offers brought, by every family without an offer
    borrowed: Share  # of the visits that offers brought, the share missing from the week after


class Dropout(WorldSection):
    """When a household silently stops coming."""

    per_year: Annotated[float, Field(ge=0, le=20)]  # hazard of the median household
    sd_log: Spread  # of the log hazard between households
    gap_power: Annotated[
        float, Field(ge=-3, le=3)
    ]  # hazard grows with (own mean gap / median gap) to this power
    satisfaction_weight: Weight  # log hazard lost for one unit of satisfaction
    complaint_weight: Weight  # log hazard while a complaint is open
    fatigue_weight: Weight  # log hazard for one unit of fatigue
    reward_weight: Weight  # log hazard lost for one usual basket's tenth given as personal discount lately


class Needs(WorldSection):
    """What a household has at home, what it uses up, and which families it buys."""

    active_share: Share  # of families that a household uses at all, mean over families
    active_concentration: Annotated[float, Field(gt=0, le=1000)]  # of the beta between families
    days_per_unit: Days  # median over families of the days for which one unit lasts a usual household
    family_sd_log: Spread  # of the log consumption rate between families
    household_sd_log: Spread  # between households, all families alike
    taste_sd_log: Spread  # between households within a family
    gap_power: Share  # consumption falls with (own mean gap / median gap) to minus this: who comes rarely shops elsewhere too
    most_pace: Annotated[float, Field(ge=1, le=10)]  # the most that is used up, in normal rates
    pace_weight: Share  # how much faster a full cupboard is used up; 0: stock never moves consumption
    log_odds: Annotated[float, Field(ge=-20, le=20)]  # of buying a family on a visit, everything at its mean
    turnover_weight: Weight  # log odds for the log of units used up between two visits
    shortage_weight: Weight  # log odds for a family's shortage
    trip_sd: Spread  # of the log odds between visits: small and large trips
    deal_weight: Share  # log odds for the gain in inclusive value (0: deals only switch items)
    variety: Annotated[float, Field(ge=0, lt=1)]  # P(a further product of a family already in the basket)


class ItemChoice(WorldSection):
    """Which item of a family, by logit."""

    taste_sd: Spread  # of lasting utility between households and products
    attachment_sd_log: Spread  # between families: in some, taste and habit count for more than in others
    habit_weight: Weight  # utility of an item that was always bought
    habit_sd_log: Spread  # between households
    habit_memory: Share  # what remains of habit when the family is bought once more
    habit_from_deal: Share  # what a purchase on deal teaches, 1: as much as any
    habit_damps_price: Share  # price response lost on an item that was always bought
    price_weight: Weight  # utility for one unit of log price, mean over families
    price_sd: Spread  # between families
    price_sd_log: Spread  # between households: the weight of money
    reference_share: Share  # of price response that compares with the reference price
    loss_aversion: Annotated[float, Field(ge=1, le=10)]  # how much more a loss against it counts than a gain
    reference_memory: Share  # what remains of the reference price when the family is bought once more
    shelf_weight: Weight  # utility for log shelf price within a family: dear items are chosen less
    mailer_weight: Weight  # utility of standing in the mailer
    offer_weight: Weight  # utility of being offered personally, beyond the money
    novelty_mean: Annotated[float, Field(ge=-10, le=10)]  # utility of an item never bought
    novelty_sd: Spread  # between households: the taste for novelty


class Quantity(WorldSection):
    """How many units."""

    extra_units: (
        Weight  # mean units beyond the first at no deal, for a family whose turnover is one unit a visit
    )
    turnover_power: Share  # extra units grow with turnover to this power
    deal_weight: Weight  # log of extra units for one unit of price gain: stockpiling
    deal_sd_log: Spread  # between households
    room_units: Annotated[float, Field(gt=0)]  # units at home beyond the usual at which stockpiling halves


class Feelings(WorldSection):
    """Satisfaction, complaints, fatigue and reward: nobody sees them from outside."""

    satisfaction_memory: Share  # what remains of satisfaction after one more visit
    experience_sd: Spread  # of how visits go, in units of satisfaction
    gain_weight: Weight  # satisfaction for one unit of price gain on a basket
    complaint_share: Share  # of visits that end in a complaint, at satisfaction 0
    complaint_days: Days  # mean until a complaint is closed
    complaint_cost: Weight  # satisfaction lost with a complaint
    fatigue_per_offer: Weight  # for one offer on one day
    fatigue_strangers: Weight  # how much more tiring an offer from a family that the household does not use
    fatigue_useless: Weight  # how much more tiring an offer that has no chance of use
    useful_weight: Weight  # satisfaction for a visit that used all of the day's offers, in proportion
    useless_weight: Weight  # satisfaction lost for a visit that used none of them, in proportion
    fatigue_days: Days  # half-life
    reward_days: Days  # half-life of remembered personal discounts
    answer_share: Share  # of visits after which a household answers how likely it is to recommend the shop


class WorldParameters(WorldSection):
    """All of a world. `unidentified` says in words what data cannot tell and was assumed."""

    name: Annotated[str, Field(min_length=1)]
    first_date: date
    currency: Annotated[str, Field(min_length=1)]
    unidentified: Annotated[str, Field(min_length=1)]
    assortment: ShopAssortment
    margins: UnitMargins
    promotions: Promotions
    visits: Visits
    attention: Attention
    dropout: Dropout
    needs: Needs
    choice: ItemChoice
    quantity: Quantity
    feelings: Feelings
