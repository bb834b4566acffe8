"""Who is judged, and on which cuts, so that none has seen what it is judged on.

A version cannot be judged on weeks before its `as_of`: it has learnt from them. So either both versions are old
enough, and they are judged as published on the cuts since; or, the usual case, each is *replayed*: at every
cut its profile is fitted again on what lay before the cut, and as much before it as the version is older than the
newer of the two. A current version that is four weeks stale competes four weeks stale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from models.features.recipe import Recipe, current_recipe
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.neighbours import NeighbourRules
from models.versions import registry
from models.versions.needed_plug_ins import needed_features, needed_model
from training.fitting.fit import MIN_AFFINITY_CUTS
from training.fitting.fit_profile import FitProfile
from training.fitting.splits import rolling_cuts

STEP_DAYS = 7
# Two weeks are the least that says whether a difference repeats itself.
ENOUGH_PUBLISHED_CUTS = 2
PUBLISHED, REPLAYED = "published", "replayed"


@dataclass(frozen=True)
class Contender:
    """A version that is judged.

    Attributes:
        version: its name in the registry.
        profile: how it was fitted.
        item_level: what an item is.
        as_of: what it learnt from lies before.
        age_days: days by which it is older than the newest contender; a replay stops so many days before a cut.
        same_recipe: this code computes its features as they were; otherwise a replay takes this code's.
        promotions: it reads what the shop promotes; a replay does where the data have it.
    """

    version: str
    profile: FitProfile
    item_level: str
    as_of: datetime
    age_days: int
    same_recipe: bool
    promotions: bool = False


@dataclass(frozen=True)
class EvaluationPlan:
    """What is compared, and how.

    Attributes:
        contenders: the version judged, then the one it is judged against if there is another.
        how: PUBLISHED or REPLAYED.
        cuts: moments at which everybody predicts, latest first; their windows do not overlap.
        days: local days in which a purchase counts.
    """

    contenders: tuple[Contender, ...]
    how: str
    cuts: tuple[Moment, ...]
    days: int

    @property
    def judged(self) -> Contender:
        """The version that is judged."""
        return self.contenders[0]

    @property
    def against(self) -> Contender | None:
        """The version it would replace, None where it is that version."""
        return self.contenders[1] if len(self.contenders) > 1 else None


def choose_versions(folder: Path, version: str | None, against: str | None) -> list[str]:
    """The version judged and the one it is judged against; one name where both are the same.

    Raises:
        BadInput: the registry is empty, or `against` is needed and nothing is current.
    """
    known = registry.versions(folder)
    if not known:
        raise BadInput(f"{folder} has no version to evaluate; run `abonement-train fit` first.")
    current = registry.current_version(folder)
    # the newest version that waits for its promotion, else the current one
    judged = version or next((name for name in reversed(known) if name != current), known[-1])
    other = against or current
    return [judged] if other in {None, judged} else [judged, str(other)]


def contenders_of(folder: Path, names: Sequence[str]) -> tuple[Contender, ...]:
    """The named versions, each with its age.

    Raises:
        BadInput: there is no such version, or their items are not the same.
        BadArtifact: a plug-in that one needs is missing or another one.
    """
    manifests = [registry.manifest_of(folder, name) for name in names]
    days = [datetime.fromisoformat(about["as_of"]) for about in manifests]
    if len({about["item_level"] for about in manifests}) > 1:
        levels = " and ".join(
            f"{name} {about['item_level']}" for name, about in zip(names, manifests, strict=True)
        )
        raise BadInput(f"Only versions of one item level can be compared, got {levels}.")
    return tuple(
        Contender(
            version=name,
            profile=profile_of(about),
            item_level=about["item_level"],
            as_of=day,
            age_days=(max(days) - day).days,
            same_recipe=about["recipe"]["fingerprint"] == _recipe_now(about).fingerprint,
            promotions=about["recipe"].get("promotions", False),
        )
        for name, about, day in zip(names, manifests, days, strict=True)
    )


def _recipe_now(about: dict[str, Any]) -> Recipe:
    """What this code computes of a version's features; BadArtifact where a plug-in is missing or another one."""
    needed = about["recipe"].get("own", {})
    needed_features(about["version"], needed)
    if "own_model_fingerprint" in about["parameters"]:
        needed_model(
            about["version"], about["parameters"]["own_model"], about["parameters"]["own_model_fingerprint"]
        )
    return current_recipe(needed, promotions=about["recipe"].get("promotions", False))


def profile_of(about: dict[str, Any]) -> FitProfile:
    """The profile in a manifest; what that release did not know yet is as it is by default."""
    written, usual = about["parameters"], FitProfile()
    if written.get("neighbours"):
        usual = replace(usual, neighbours=NeighbourRules())
    profile: FitProfile = _read_as(usual, written)
    return profile


def _read_as(default: Any, written: dict[str, Any]) -> Any:
    """A dataclass like `default` with what JSON says of its fields, nested ones alike; unknown names are ignored."""
    given: dict[str, Any] = {}
    for field in fields(default):
        if field.name in written:
            value, usual = written[field.name], getattr(default, field.name)
            if is_dataclass(usual) and value is not None:
                value = _read_as(usual, value)
            given[field.name] = tuple(value) if isinstance(usual, tuple) else value
    return replace(default, **given)


def plan_cuts(
    contenders: tuple[Contender, ...], as_of: Moment, count: int, first_day: date
) -> EvaluationPlan:
    """Judge as published where there are cuts enough since, else replay.

    Args:
        contenders: one or two.
        as_of: purchases before it are known.
        count: how many cuts at most.
        first_day: the shop's first local day.

    Raises:
        BadInput: the history is too short for a single cut.
    """
    days = contenders[0].profile.window_days[1]
    newest = max(each.as_of for each in contenders)
    since = newest.astimezone(as_of.as_of.tzinfo).date()
    if all(each.same_recipe for each in contenders):
        published = _cuts(as_of, days, count, since)
        # a cut on the newest version's own day at another hour would be before it
        published = [cut for cut in published if cut.as_of >= newest]
        if len(published) >= min(count, ENOUGH_PUBLISHED_CUTS):
            return EvaluationPlan(contenders, PUBLISHED, tuple(published), days)
    before = max(_needed_days(each) for each in contenders)
    replayed = _cuts(as_of, days, count, first_day + timedelta(days=before))
    if not replayed:
        raise BadInput(
            f"A cut needs {before} days of purchases before it to replay these versions and {days} days after it "
            f"until {as_of.as_of.isoformat()}, but the shop's first day is {first_day}; give a later --as-of."
        )
    return EvaluationPlan(contenders, REPLAYED, tuple(replayed), days)


def _cuts(as_of: Moment, days: int, count: int, first_day: date) -> list[Moment]:
    step = max(days, STEP_DAYS)
    return rolling_cuts(as_of, window_days=days, step_days=step, count=count, first_day=first_day)


def _needed_days(contender: Contender) -> int:
    """Days of history that a replay needs before its cut to learn anything."""
    profile = contender.profile
    learnt = profile.window_days[1] + (MIN_AFFINITY_CUTS - 1) * profile.affinity_step_days
    return contender.age_days + profile.history_days + learnt
