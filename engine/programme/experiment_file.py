"""An experiment as its owner writes it down before it begins: one TOML file, checked like the programme.

What an arm changes are keys of the programme's sections that shape tonight's bundles and nothing that a till, an app or
the whole shop goes by.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from engine.domain.arms import Arm, DrawnAs
from engine.domain.experiments import IMPORTED_LAYER, PLACES, TriedArm
from engine.domain.offer_errors import BadProgramme
from engine.programme.policy_section import LEARNS_BY_LOT
from engine.programme.presets import effective_tables
from engine.programme.programme import Programme
from engine.programme.programme_file import parse_programme
from engine.programme.section import Section, as_tuple
from engine.programme.what_is_wrong import explain
from models.ground.toml_text import parse_toml

CHANGEABLE = ("bundle", "depths", "novelty", "policy", "rotation")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_WORD = "small letters, digits and -, at most 31"


class ExperimentArm(Section):
    """One arm of an experiment."""

    name: str = Field(pattern=f"^{_NAME.pattern}$", description=_WORD)
    share: float = Field(
        ge=1 / PLACES,
        le=1,
        description=f"a share of all customers, from {1 / PLACES} to 1; a smaller one is nobody",
    )
    programme: dict[str, dict[str, Any]] = Field(
        default={}, description=f"sections among {', '.join(CHANGEABLE)}, each a table of keys"
    )


class ExperimentPlan(Section):
    """All of one experiment."""

    name: str = Field(pattern=f"^{_NAME.pattern}$", description=_WORD)
    hypothesis: str = Field(min_length=10, max_length=500, description="a sentence of 10 to 500 characters")
    layer: str = Field(default="offers", pattern=f"^{_NAME.pattern}$", description=_WORD)
    unit: Literal["household", "customer"] = Field(
        default="household", description='"household" or "customer"'
    )
    weeks: int = Field(ge=1, le=104, description="a whole number of weeks from 1 to 104")
    metric: Literal["margin", "spend", "visits"] = Field(description='"margin", "spend" or "visits"')
    guards: Annotated[
        tuple[Literal["margin", "churn", "complaints", "nps"], ...], BeforeValidator(as_tuple)
    ] = Field(default=(), description='a list of "margin", "churn", "complaints" and "nps"')
    on_guard: Literal["tell", "stop"] = Field(default="tell", description='"tell" or "stop"')
    stop: Literal["planned_end", "any_look"] = Field(description='"planned_end" or "any_look"')
    arms: Annotated[tuple[ExperimentArm, ...], BeforeValidator(as_tuple)] = Field(
        min_length=2, max_length=6, description="2 to 6 arms"
    )

    def _impossibilities(self) -> Iterator[str]:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            yield f"the arms {', '.join(names)} must have different names; rename one."
        whole = sum(arm.share for arm in self.arms)
        if whole > 1 + 1 / PLACES:
            yield f"the arms' shares sum to {whole:g}, more than all customers; lower some."
        for arm in self.arms:
            other = sorted(set(arm.programme) - set(CHANGEABLE))
            if other:
                yield (
                    f"arm {arm.name} changes {', '.join(other)}; an arm may change {', '.join(CHANGEABLE)}, what tills, apps "
                    "and the whole shop go by is the programme's alone."
                )
            if arm.name == Arm.HOLDOUT and arm.programme:
                yield "arm holdout gets nothing, so it can change nothing; rename it or leave its programme out."
        if self.layer == "holdout":
            yield 'layer = "holdout" is the holdout\'s own; name another one.'
        if self.layer == IMPORTED_LAYER:
            yield f'layer = "{IMPORTED_LAYER}" is for arms that another engine drew; name another one.'

    @property
    def drawn_as(self) -> DrawnAs:
        """What is drawn as one."""
        return DrawnAs(self.unit)

    @property
    def share(self) -> float:
        """Of all customers, in any arm."""
        return min(1.0, sum(arm.share for arm in self.arms))

    @property
    def tried_arms(self) -> tuple[TriedArm, ...]:
        """The arms as a night goes by them."""
        return tuple(TriedArm(arm.name, arm.share, arm.programme) for arm in self.arms)

    def require_somebody(self, customers: int) -> None:
        """Refuse an arm in which a shop of so many customers has nobody; BadProgramme names it."""
        empty = [arm for arm in self.arms if arm.share * customers < 1]
        if empty:
            raise BadProgramme(
                f"Of {customers:,} customers experiment {self.name} would draw less than one into "
                + ", ".join(f"arm {arm.name} (share = {arm.share:g})" for arm in empty)
                + ", so that nothing could be compared; raise the share."
            )

    def require_possible(self, programme_text: str) -> None:
        """Refuse an arm whose changes make the programme impossible; BadProgramme names it."""
        for arm in self.arms:
            changed_programme(programme_text, [arm.programme], f"arm {arm.name} of experiment {self.name}")


def load_experiment(path: Path) -> ExperimentPlan:
    """Read and check an experiment's file; BadProgramme says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProgramme(f"expected a readable experiment file at {path}: {error}") from error
    try:
        return ExperimentPlan.model_validate(parse_toml(text))
    except tomllib.TOMLDecodeError as error:
        raise BadProgramme(f"{path} is not TOML: {error}. Correct that place.") from error
    except ValidationError as error:
        raise BadProgramme(explain(error, ExperimentPlan, str(path), "an experiment")) from error


def require_name(name: str) -> None:
    """Refuse what cannot be an experiment's name."""
    if _NAME.fullmatch(name) is None:
        raise BadProgramme(f"Expected an experiment's name of {_WORD}, got {name!r}.")


def changed_programme(text: str, changes: list[Mapping[str, Any]], source: str) -> Programme:
    """The programme of a text with some keys otherwise; a later change of the same key counts.

    Raises:
        BadProgramme: it is impossible so.
    """
    if not any(changes):
        return parse_programme(text, source)
    try:
        whole = effective_tables(text)
        for change in changes:
            for section, keys in change.items():
                whole[section] = {**whole.get(section, {}), **keys}
            _leave_out_what_the_former_policy_had(whole, change)
        return Programme.model_validate(whole)
    except ValidationError as error:
        raise BadProgramme(explain(error, Programme, source)) from error


def _leave_out_what_the_former_policy_had(whole: dict[str, Any], change: Mapping[str, Any]) -> None:
    """Another policy has parameters of its own, and what learning by lot may cost is no rule of one that learns nothing."""
    chosen = change.get("policy", {})
    if "name" not in chosen:
        return
    if "parameters" not in chosen:
        whole["policy"].pop("parameters", None)
    if chosen["name"] != LEARNS_BY_LOT:
        whole.pop("explore", None)
