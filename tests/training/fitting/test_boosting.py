import lightgbm as lgb

from tests.training.examples import SMALL, pairs_at
from training.fitting.boosting import lightgbm_dataset, lightgbm_settings, without_threads


def test_what_steers_our_own_fits_is_no_parameter_of_lightgbm() -> None:
    settings = lightgbm_settings({"rounds": 9, "max_rounds": 9, "patience": 3, "num_leaves": 4}, 7, 2)
    assert settings.keys().isdisjoint({"rounds", "max_rounds", "patience"})
    assert (settings["num_leaves"], settings["seed"], settings["num_threads"]) == (4, 7, 2)


def test_the_number_of_threads_is_no_part_of_the_model() -> None:
    examples = pairs_at([0, 1])
    settings = lightgbm_settings(SMALL.affinity_lightgbm, 1, 2)
    booster = lgb.train(settings, lightgbm_dataset(examples, settings), num_boost_round=2)
    assert "num_threads" in booster.model_to_string()
    bare = without_threads(booster)
    assert "num_threads" not in bare.model_to_string()
    assert (bare.predict(examples.features.values) == booster.predict(examples.features.values)).all()
