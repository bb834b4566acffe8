"""One training run: from the workspace's data, as of a moment, to fitted models."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import version as installed_version

import numpy as np
import pandas as pd

from models.customers.churn import Churn, ChurnScorer, OwnCycleSurvival
from models.customers.lifetime import LifetimeModel
from models.customers.rhythm import Rhythm, fit_item_rhythm, fit_visits
from models.features.catalogue import build_catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.own_features import OwnFeature, installed_features
from models.features.recipe import current_recipe
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.ground.progress import Progress, silent
from models.items.affinity import AffinityModel, PairScorer
from models.items.month_season import fit_season
from models.items.own_model import OwnAffinity, OwnModel, installed_model
from models.running.blas_threads import one_blas_thread
from models.running.cluster import map_buckets
from models.scoring import ShopAt, bucket_customers
from models.sources import Data
from models.tables import ITEM_ID
from models.versions.artifact import Manifest
from models.versions.shop_likeness import look
from training.fitting.affinity_fit import UNFITTED_FREQUENCY, Learnt, fit_affinity
from training.fitting.churn_fit import fit_chance
from training.fitting.conformance import check_model
from training.fitting.examples import affinity_examples, repeats, return_examples, shops_at
from training.fitting.fit_profile import FitProfile
from training.fitting.lifetime_fit import learn_lifetime
from training.fitting.own_model_fit import fit_own_model
from training.fitting.splits import rolling_cuts

# One cut to learn from and one to stop and calibrate on.
MIN_AFFINITY_CUTS = 2


@dataclass(frozen=True)
class Fitted:
    """Everything one run learnt, ready to publish."""

    manifest: Manifest
    rhythm: Rhythm
    affinity: PairScorer
    churn: Churn
    lifetime: LifetimeModel | None


@dataclass(frozen=True)
class Ground:
    """What every model of one run stands on: the data, the shop at `as_of`, its rhythm, first day and customers.

    `more` are features after those that the profile names, for whom no profile could name them.
    """

    data: Data
    shop: ShopAt
    rhythm: Rhythm
    first_day: date
    profile: FitProfile
    jobs: int
    customers: FeatureMatrix
    more: tuple[OwnFeature, ...] = ()

    def cuts(self, window_days: int, step_days: int, count: int) -> list[Moment]:
        """Moments to learn from, latest first, each with enough history before it."""
        earliest = self.first_day + timedelta(days=self.profile.history_days)
        return rolling_cuts(
            self.shop.moment, window_days=window_days, step_days=step_days, count=count, first_day=earliest
        )

    def shops_at(self, cuts: list[Moment]) -> list[ShopAt]:
        """The shop just before each cut."""
        return shops_at(self.data, self.shop.catalogue, cuts, self.profile, self.jobs, self.more)

    @property
    def affinity_cuts(self) -> list[Moment]:
        """Cuts whose purchase windows end by `as_of`."""
        profile = self.profile
        return self.cuts(profile.window_days[1], profile.affinity_step_days, profile.affinity_cuts)

    @property
    def churn_cuts(self) -> list[Moment]:
        """Cuts whose shortest horizon ends by `as_of`; a longer one uses those of them whose own does."""
        profile = self.profile
        return self.cuts(profile.churn_horizon_days, profile.churn_step_days, profile.churn_cuts)


def survey(
    data: Data,
    as_of: Moment,
    item_level: str,
    profile: FitProfile,
    jobs: int,
    more: tuple[OwnFeature, ...] = (),
) -> Ground:
    """Read the shop at `as_of`.

    Raises:
        BadInput: nothing was bought before `as_of`, or the shop has no such item level.
    """
    catalogue = build_catalogue(pd.read_parquet(data.products), item_level)
    (shop,) = shops_at(data, catalogue, [as_of], profile, jobs, more)
    tasks = [(data.purchases(bucket), catalogue, as_of) for bucket in range(data.buckets)]
    what = "reading customers"
    parts = list(map_buckets(bucket_customers, tasks, jobs=jobs, what=what, progress=silent))
    everybody = np.concatenate([part.values for part in parts])
    if not len(everybody):
        raise BadInput(
            f"Nothing was bought before {as_of.as_of.isoformat()}; choose a later --as-of or load earlier data."
        )
    customers = FeatureMatrix(pd.DataFrame(index=range(len(everybody))), everybody, parts[0].names)
    first_day = as_of.day - timedelta(days=int(customers.column("tenure_days").max()))
    rhythm = Rhythm(fit_visits(customers), fit_item_rhythm(repeats(data, catalogue, as_of), catalogue))
    return Ground(data, shop, rhythm, first_day, profile, jobs, customers, more)


@one_blas_thread()
def learn_affinity(ground: Ground) -> Learnt[PairScorer]:
    """Affinity, or the frequency rule with a note where the history is too short."""
    cuts, profile = ground.affinity_cuts, ground.profile
    if len(cuts) < MIN_AFFINITY_CUTS:
        return Learnt(
            UNFITTED_FREQUENCY,
            {},
            f"Affinity is the frequency rule, its probabilities a guess: learning needs {MIN_AFFINITY_CUTS} cuts "
            f"with {profile.history_days} days of history before each, this shop has {len(cuts)}.",
        )
    examples = affinity_examples(ground.data, ground.shops_at(cuts), profile, ground.jobs)
    own = own_model_of(profile)
    if own is not None:
        learnt = fit_own_model(examples, profile, own)
    else:
        season = fit_season(ground.data.days(), ground.shop.moment.day)
        learnt = fit_affinity(examples, profile, ground.jobs, season)
    if isinstance(learnt.model, AffinityModel | OwnAffinity) and ground.shop.neighbours is not None:
        item_ids = ground.shop.catalogue.items[ITEM_ID]
        return replace(learnt, model=replace(learnt.model, neighbours=ground.shop.neighbours.named(item_ids)))
    return learnt


def own_model_of(profile: FitProfile) -> OwnModel | None:
    """The model of another package that a profile chooses, with its parameters; BadInput where that cannot be."""
    if not profile.own_model:
        return None
    return installed_model(profile.own_model).with_parameters(profile.own_model_parameters)


def learn_churn(ground: Ground) -> Learnt[Churn]:
    """Every chance of leaving, with a note where something simpler stands in: too few fell silent, or it knows more."""
    profile, by = ground.profile, ground.shop.moment.day
    examples = None
    if ground.churn_cuts:
        examples = return_examples(
            ground.data, ground.shop.catalogue, ground.churn_cuts, profile, ground.jobs
        )
    silent: dict[int, ChurnScorer] = {}
    metrics: dict[str, float] = {}
    unlearnt, notes = list[str](), list[str]()
    for days in (profile.churn_horizon_days, *profile.churn_longer_days):
        learnt = None
        if examples is not None:
            learnt = fit_chance(examples.silent(days, by), days, ground.rhythm, profile, ground.jobs)
        if learnt is None:
            silent[days] = OwnCycleSurvival(ground.rhythm, days)
            unlearnt.append(str(days))
        else:
            silent[days] = learnt.model
            part = "" if days == profile.churn_horizon_days else f"{days}d_"
            metrics |= {f"{part}{name}": value for name, value in learnt.metrics.items()}
            notes += [f"Churn over {days} days {learnt.note}"] if learnt.note else []
    partial = None
    if examples is not None:
        partial = fit_chance(
            examples.partial(by), profile.churn_horizon_days, ground.rhythm, profile, ground.jobs
        )
    if partial is not None:
        metrics |= {f"partial_{name}": value for name, value in partial.metrics.items()}
        notes += [f"Partial defection {partial.note}"] if partial.note else []
    if unlearnt:
        notes.append(
            f"Churn over {' and '.join(unlearnt)} days is the survival of each customer's own cycle: too few "
            "customers fell silent in this history to learn from."
        )
    churn = Churn(
        silent,
        partial.model if partial else None,
        profile.churn_horizon_days,
        ground.rhythm,
        profile.churn_eligibility,
    )
    return Learnt(churn, metrics, " ".join(notes) or None)


def fit(
    data: Data, as_of: Moment, item_level: str, profile: FitProfile, jobs: int, progress: Progress
) -> Fitted:
    """Learn rhythm, affinity, churn and lifetime value from what lies before `as_of`.

    Where the history is too short for a model, or the model is no better than its simple rule or a constant on what was
    held out, that stands in and the manifest's notes say so.

    Raises:
        BadInput: nothing was bought before `as_of`, or the shop has no such item level, or a plug-in that the profile
            names is missing or does not conform.
    """
    installed_features(profile.own_features)  # refused before the shop is read
    own = own_model_of(profile)
    if own is not None:
        check_model(own, sorted(profile.own_features), profile.seed)
    progress("reading the shop", 0, 4)
    ground = survey(data, as_of, item_level, profile, jobs)
    progress("learning affinity", 1, 4)
    affinity = learn_affinity(ground)
    progress("learning churn", 2, 4)
    churn = learn_churn(ground)
    progress("learning lifetime value", 3, 4)
    lifetime = learn_lifetime(
        ground.customers, data, ground.shop.catalogue, as_of, ground.first_day, profile, jobs
    )
    progress("done", 4, 4)
    manifest = _manifest(ground, affinity, churn, lifetime)
    return Fitted(manifest, ground.rhythm, affinity.model, churn.model, lifetime.model)


def _manifest(
    ground: Ground, affinity: Learnt[PairScorer], churn: Learnt[Churn], lifetime: Learnt[LifetimeModel | None]
) -> Manifest:
    profile, own = ground.profile, {one.name: one.fingerprint for one in ground.shop.own_features}
    recipe = current_recipe(own, promotions=ground.shop.promotion_features)
    return Manifest(
        as_of=ground.shop.moment.as_of,
        item_level=ground.shop.catalogue.item_level,
        window_days=profile.window_days,
        churn_horizon_days=profile.churn_horizon_days,
        seen_days=profile.seen_days,
        limits=profile.limits,
        data={
            "fingerprint": ground.data.fingerprint,
            "first_day": ground.first_day.isoformat(),
            "shop": look(
                ground.data, ground.shop.catalogue, ground.shop.item_table, ground.shop.moment
            ).as_dict(),
            "affinity_cuts": [cut.day.isoformat() for cut in ground.affinity_cuts],
            "churn_cuts": [cut.day.isoformat() for cut in ground.churn_cuts],
        },
        code=installed_version("abonement"),
        recipe={
            "fingerprint": recipe.fingerprint,
            "customer_features": list(recipe.customer_features),
            "pair_features": list(recipe.pair_features),
        }
        | ({"own": own} if own else {})
        | ({"promotions": True} if recipe.promotions else {}),
        parameters=profile.recorded()
        | ({"own_model_fingerprint": model.fingerprint} if (model := own_model_of(profile)) else {}),
        metrics={f"affinity_{name}": value for name, value in affinity.metrics.items()}
        | {f"churn_{name}": value for name, value in churn.metrics.items()}
        | {f"lifetime_{name}": value for name, value in lifetime.metrics.items()},
        notes=tuple(note for note in (affinity.note, churn.note, lifetime.note) if note),
    )
