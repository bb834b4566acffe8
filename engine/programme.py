"""The programme's rules: one TOML file, checked before a night begins.

Every key is required, every value has a unit and a range, and a key without behaviour is refused by name. The
checks of single values stand beside their keys, those of impossible combinations in `Programme`. Start with
`load_programme`; the default is `programme.toml` beside this file.
"""

import hashlib
import tomllib
from collections.abc import Collection, Iterator
from datetime import time
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    model_validator,
)

from engine.domain.budget import Period
from engine.domain.errors import BadProgramme
from engine.domain.money import WHOLE_BP
from engine.domain.rules import Consent, keeps_assumed_margin
from engine.domain.window import LocalDays
from engine.programme_errors import explain
from engine.programme_guard import GuardLimits

DEFAULT_FILE = "programme.toml"
ItemLevel = Literal["product", "family_1", "family_2", "family_3", "family_4"]
Flag = Literal["alcohol", "tobacco", "fuel", "coupon", "partner", "own_brand", "not_offered", "delisted"]


def _time_of_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parsed = time.fromisoformat(value)
    except ValueError:
        return value
    return parsed if parsed.tzinfo is None else value


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _member(kind: type[Consent] | type[Period]) -> BeforeValidator:
    return BeforeValidator(lambda value: kind(value) if value in list(kind) else value)


Depth = Annotated[StrictInt, Field(ge=1, le=WHOLE_BP - 1)]
Margin = Annotated[StrictInt, Field(ge=0, le=WHOLE_BP - 1)]


class Section(BaseModel):
    """A section of the file: frozen, strict, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Prediction(Section):
    """What the model in use must have been fitted for."""

    item_level: ItemLevel = Field(description='one of "product", "family_1" .. "family_4"')
    churn_horizon_days: int = Field(ge=1, le=365, description="a whole number of days from 1 to 365")


class Holdout(Section):
    """Customers kept without offers."""

    share: float = Field(ge=0, le=0.5, description="a share of customers from 0 to 0.5")
    covers: Annotated[tuple[Literal["bundle"], ...], BeforeValidator(_tuple)] = Field(
        max_length=1, description='["bundle"], or [] when nothing is held out'
    )


class ConsentRule(Section):
    """Whom the owner may make personal offers to."""

    rule: Annotated[Consent, _member(Consent)] = Field(description='"required" or "unless_refused"')


class BundleSize(Section):
    """How many items, and how many units of each."""

    min_items: int = Field(ge=1, le=20, description="a whole number of items from 1 to 20")
    max_items: int = Field(ge=1, le=20, description="a whole number of items from 1 to 20")
    max_units: int = Field(ge=1, le=100, description="a whole number of units from 1 to 100")


class Depths(Section):
    """The discounts that may be given."""

    bp: Annotated[tuple[Depth, ...], BeforeValidator(_tuple)] = Field(
        min_length=1, max_length=10, description="a list of 1 to 10 ascending depths, each from 1 to 9999 bp"
    )


class Validity(Section):
    """How long a bundle lasts, in local days."""

    min_days: int = Field(ge=1, le=60, description="a whole number of days from 1 to 60")
    max_days: int = Field(ge=1, le=60, description="a whole number of days from 1 to 60")


class Novelty(Section):
    """Places for items new to the customer."""

    min_slots: int = Field(ge=0, le=20, description="a whole number of slots from 0 to 20")
    max_slots: int = Field(ge=0, le=20, description="a whole number of slots from 0 to 20")


class Eligibility(Section):
    """Which customers a night looks at."""

    seen_days: int = Field(ge=1, le=730, description="a whole number of days from 1 to 730")


class Exclusions(Section):
    """What is never offered."""

    flags: Annotated[tuple[Flag, ...], BeforeValidator(_tuple)] = Field(
        description="a list of alcohol, tobacco, fuel, coupon, partner, own_brand, not_offered"
    )
    families: Annotated[tuple[str, ...], BeforeValidator(_tuple)] = Field(
        description="a list of family names"
    )


class Floors(Section):
    """Below what no offer goes."""

    price_minor: int = Field(ge=1, le=10**9, description="minor units, from 1 to 1000000000")
    margin_bp: int = Field(ge=-WHOLE_BP, le=WHOLE_BP - 1, description="bp of the offer price, -10000 to 9999")


class AssumedMargin(Section):
    """The margin on the undiscounted price where no cost is known."""

    default: Margin = Field(description="bp of the price, from 0 to 9999")
    families: dict[str, Margin] = Field(description="family names with bp of the price, from 0 to 9999")

    def of(self, families: tuple[str, ...]) -> int:
        """Return the margin for an item, its families given coarsest first: the finest that is named counts."""
        return next(
            (self.families[name] for name in reversed(families) if name in self.families), self.default
        )


class Budget(Section):
    """What the offers may cost, as expected discount."""

    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[Period, _member(Period)] = Field(description='"day", "week" or "month"')


class Programme(Section):
    """All rules of one programme."""

    language: str = Field(pattern=r"^[a-z]{2}$", description='two small letters, such as "en"')
    day_starts_at: Annotated[time, BeforeValidator(_time_of_day)] = Field(
        description='a time such as "00:00"'
    )
    seed: int = Field(ge=0, le=2**63 - 1, description="a whole number from 0 to 2^63 - 1")
    prediction: Prediction
    holdout: Holdout
    consent: ConsentRule
    bundle: BundleSize
    depths: Depths
    validity: Validity
    novelty: Novelty
    eligibility: Eligibility
    exclusions: Exclusions
    floors: Floors
    assumed_margin_bp: AssumedMargin
    budget: Budget
    guard: GuardLimits

    @model_validator(mode="after")
    def _possible(self) -> Self:
        reasons = list(self._impossibilities())
        if reasons:
            raise ValueError("\n".join(reasons))
        return self

    def _impossibilities(self) -> Iterator[str]:
        bundle, novelty, validity, depths = self.bundle, self.novelty, self.validity, self.depths.bp
        margin_floor = self.floors.margin_bp
        margins = {self.assumed_margin_bp.default, *self.assumed_margin_bp.families.values()}
        for section, low, high in (
            ("bundle", ("min_items", bundle.min_items), ("max_items", bundle.max_items)),
            ("validity", ("min_days", validity.min_days), ("max_days", validity.max_days)),
            ("novelty", ("min_slots", novelty.min_slots), ("max_slots", novelty.max_slots)),
        ):
            if low[1] > high[1]:
                yield (
                    f"{section}.{low[0]} = {low[1]} is above {section}.{high[0]} = {high[1]}; "
                    "lower the first or raise the second."
                )
        if list(depths) != sorted(set(depths)):
            yield f"depths.bp = {list(depths)} must be ascending; write each depth once, smallest first."
        if novelty.max_slots > bundle.max_items:
            yield (
                f"novelty.max_slots = {novelty.max_slots} is above bundle.max_items = {bundle.max_items}; "
                "a bundle cannot hold that many new items."
            )
        if not any(keeps_assumed_margin(min(depths), margin, margin_floor) for margin in margins):
            yield (
                f"floors.margin_bp = {margin_floor} leaves no depth: with the highest assumed margin of "
                f"{max(margins)} bp even {min(depths)} bp off goes below it; lower the floor, offer a smaller "
                "depth, or correct assumed_margin_bp."
            )
        if self.holdout.share > 0 and not self.holdout.covers:
            yield (
                f"holdout.share = {self.holdout.share} but holdout.covers is empty, so nobody would be held out "
                'from anything; write covers = ["bundle"] or share = 0.'
            )

    def local_days(self, timezone: str) -> LocalDays:
        """Return the programme's days in the shop's time zone."""
        return LocalDays(timezone, self.day_starts_at)

    def require_model(
        self, *, item_level: str, window_days: tuple[int, int], churn_horizon_days: int
    ) -> None:
        """Refuse a model that was fitted for something else, as its manifest says.

        Args:
            item_level: what the model scores.
            window_days: shortest and longest window in which it predicts a purchase.
            churn_horizon_days: length of the silence that its P(churn) is about.

        Raises:
            BadProgramme: level or horizon differ, or a bundle could be valid outside the windows.

        """
        wanted, validity = self.prediction, self.validity
        differing = []
        if wanted.item_level != item_level:
            differing.append(f"prediction.item_level = {wanted.item_level!r}, the model's is {item_level!r}")
        if wanted.churn_horizon_days != churn_horizon_days:
            differing.append(
                f"prediction.churn_horizon_days = {wanted.churn_horizon_days}, the model's are {churn_horizon_days}"
            )
        if validity.min_days < window_days[0] or validity.max_days > window_days[1]:
            differing.append(
                f"validity is {validity.min_days} to {validity.max_days} days, but the model predicts purchases "
                f"within {window_days[0]} to {window_days[1]} days"
            )
        if differing:
            raise BadProgramme(
                "The model in use was not fitted for this programme: "
                + "; ".join(differing)
                + ". Change the programme, or fit and promote such a model."
            )

    def require_families(self, known: Collection[str]) -> None:
        """Refuse families that the shop does not have: a mistyped exclusion would exclude nothing.

        Raises:
            BadProgramme: naming every such family and the likeliest one that was meant.

        """
        wanted = {
            "exclusions.families": self.exclusions.families,
            "assumed_margin_bp.families": tuple(self.assumed_margin_bp.families),
        }
        unknown = [
            f"{key} names {name!r}"
            + "".join(f" (did you mean {near!r}?)" for near in get_close_matches(name, known, 1))
            for key, names in wanted.items()
            for name in names
            if name not in known
        ]
        if unknown:
            raise BadProgramme(
                f"The shop's products have no such family: {'; '.join(unknown)}. Write names as the products table does."
            )

    def fingerprint(self) -> str:
        """Return the sha256 of all rules, the same for files that differ in comments only."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def programme_text(path: Path | None = None) -> str:
    """Return the text of a programme file; without a path the shipped default, for an owner to copy.

    Raises:
        BadProgramme: the file cannot be read.

    """
    if path is None:
        return resources.files("engine").joinpath(DEFAULT_FILE).read_text(encoding="utf-8")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProgramme(f"expected a readable programme file at {path}: {error}") from error


def load_programme(path: Path | None = None) -> Programme:
    """Read and check a programme file; without a path the shipped default.

    Raises:
        BadProgramme: the file cannot be read, is not TOML, or asks for something unknown or impossible.

    """
    return parse_programme(programme_text(path), f"the shipped {DEFAULT_FILE}" if path is None else str(path))


def parse_programme(text: str, source: str) -> Programme:
    """Check the text of a programme file; `source` names it in messages."""
    try:
        return Programme.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadProgramme(f"{source} is not TOML: {error}. Correct that place.") from error
    except ValidationError as error:
        raise BadProgramme(explain(error, Programme, source)) from error
