from datetime import date

from models.ground.model_age import model_age_days, old_model

VERSION = "2017-12-04-81d78b30"


def test_a_version_is_as_old_as_the_day_in_its_name() -> None:
    assert model_age_days(VERSION, date(2018, 3, 4)) == 90
    assert model_age_days("by hand", date(2018, 3, 4)) is None


def test_only_a_version_beyond_the_limit_is_warned_of() -> None:
    assert old_model(VERSION, date(2018, 3, 4), 90) is None
    assert old_model(VERSION, date(2018, 3, 5), 90) == (
        "The model in use, 2017-12-04-81d78b30, has learnt nothing of the last 91 days, and more than 90 "
        "(ABONEMENT_MODEL_DAYS) are called old; fit a new one, evaluate it and promote it."
    )
