import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.customers.churn import ChurnModel, OwnCycleSurvival
from models.features.recipe import current_recipe
from models.ground.errors import BadInput
from models.ground.moment import local_midnight
from models.items.affinity import AffinityModel
from models.items.baselines import BaselineScorer
from models.sources import Data, load, open_data
from models.versions.artifact import load_artifact, save_artifact
from tests.models.sources.small import write_small_shop
from tests.training.examples import SMALL
from training.fitting.fit import Fitted, fit
from training.fitting.fit_profile import FitProfile

PROFILE = replace(SMALL, churn_horizon_days=14)
AS_OF = local_midnight(date(2024, 5, 1), "UTC")


def learn(data: Data, profile: FitProfile = PROFILE, *, level: str = "product", jobs: int = 1) -> Fitted:
    return fit(data, AS_OF, level, profile, jobs, lambda *_: None)


@pytest.fixture(scope="module")
def fitted(grocer_data: Data) -> Fitted:
    return learn(grocer_data)


def test_a_shop_with_history_gets_fitted_models(fitted: Fitted) -> None:
    assert isinstance(fitted.affinity, AffinityModel)
    assert isinstance(fitted.churn.silent[14], ChurnModel)
    assert [note.split(":")[0] for note in fitted.manifest.notes] == [
        "Lifetime value goes by the own rate of each customer so far"
    ]
    assert 0.6 < fitted.manifest.metrics["affinity_auc"] < 1
    assert 3 < np.exp(fitted.rhythm.visits.log_mean) < 15


def test_the_manifest_says_what_a_person_wants_to_know(grocer_data: Data, fitted: Fitted) -> None:
    about = fitted.manifest
    assert (about.as_of, about.item_level, about.window_days, about.churn_horizon_days) == (
        AS_OF.as_of,
        "product",
        (4, 7),
        14,
    )
    assert about.data["fingerprint"] == grocer_data.fingerprint
    assert about.data["affinity_cuts"] == ["2024-04-24", "2024-04-17", "2024-04-10"]
    assert about.data["churn_cuts"] == ["2024-04-17", "2024-04-03", "2024-03-20", "2024-03-06"]
    assert about.recipe["fingerprint"] == current_recipe().fingerprint
    assert about.parameters["seed"] == PROFILE.seed
    assert {name.split("_")[0] for name in about.metrics} == {"affinity", "churn", "lifetime"}


def test_the_same_data_give_the_same_version_for_any_number_of_jobs(
    grocer_data: Data, fitted: Fitted, tmp_path: Path
) -> None:
    versions = []
    for place, run in enumerate((fitted, learn(grocer_data, jobs=2))):
        folder = tmp_path / str(place)
        folder.mkdir()
        versions.append(
            save_artifact(folder, run.manifest, run.rhythm, run.affinity, run.churn, run.lifetime)
        )
    assert versions[0] == versions[1]
    json.loads((tmp_path / "0" / "manifest.json").read_text(), parse_constant=pytest.fail)  # no NaN
    assert load_artifact(tmp_path / "0").version == versions[0]


def test_a_history_too_short_for_cuts_falls_back_and_says_so(grocer_data: Data) -> None:
    fallback = learn(grocer_data, replace(PROFILE, history_days=400))
    assert isinstance(fallback.affinity, BaselineScorer)
    assert isinstance(fallback.churn.silent[14], OwnCycleSurvival)
    assert fallback.churn.partial is None
    affinity, churn, _lifetime = fallback.manifest.notes
    assert "learning needs 2 cuts with 400 days of history before each, this shop has 0" in affinity
    assert "too few customers fell silent" in churn
    assert {name.split("_")[0] for name in fallback.manifest.metrics} == {"lifetime"}
    assert fallback.manifest.data["affinity_cuts"] == []


def test_a_history_with_too_few_purchases_falls_back_and_says_so(grocer_data: Data) -> None:
    fallback = learn(grocer_data, replace(PROFILE, min_positives=10**6, min_silent=10**6))
    assert isinstance(fallback.affinity, BaselineScorer)
    assert "learning needs 1000000" in fallback.manifest.notes[0]
    assert fallback.affinity.slope > 0
    assert 0.5 < fallback.manifest.metrics["affinity_auc"] < 1


def test_a_family_level_is_learnt_alike(grocer_data: Data) -> None:
    families = learn(grocer_data, replace(PROFILE, affinity_cuts=2, churn_cuts=1), level="family")
    assert families.manifest.item_level == "family_3"
    assert 0.6 < families.manifest.metrics["affinity_auc"] < 1


def test_a_moment_before_the_first_purchase_is_refused(grocer_data: Data) -> None:
    with pytest.raises(BadInput, match=r"Nothing was bought before 2020-01-01.* choose a later --as-of"):
        fit(grocer_data, local_midnight(date(2020, 1, 1), "UTC"), "product", SMALL, 1, lambda *_: None)


def test_a_level_that_the_shop_does_not_fill_is_refused(grocer_data: Data) -> None:
    with pytest.raises(BadInput, match="'family_4' is not filled"):
        learn(grocer_data, level="family_4")


def test_a_shop_that_has_been_closed_for_half_a_year_can_still_be_fitted(tmp_path: Path) -> None:
    once = ("anna,b1,1,2023-10-01 10:00:00,milk,2,2.38,0", "anna,b2,1,2023-10-08 10:00:00,milk,1,1.19,0")
    load(write_small_shop(tmp_path / "shop", lines=once), tmp_path)
    closed = learn(open_data(tmp_path))
    assert isinstance(closed.affinity, BaselineScorer)
    assert isinstance(closed.churn.silent[14], OwnCycleSurvival)
