"""How old the model in use is: customers change, and nobody notices a model that goes on being used.

A version's name begins with the day up to which it has learnt, so its age is known wherever its name is.
"""

from datetime import date


def model_age_days(version: str, on: date) -> int | None:
    """Days from the last day that a version has learnt from to a day; None where its name does not say."""
    try:
        return (on - date.fromisoformat(version[:10])).days
    except ValueError:
        return None


def old_model(version: str, on: date, limit_days: int) -> str | None:
    """What to say of a version that is older than the limit; None of one that is not."""
    age = model_age_days(version, on)
    if age is None or age <= limit_days:
        return None
    return (
        f"The model in use, {version}, has learnt nothing of the last {age} days, and more than {limit_days} "
        "(ABONEMENT_MODEL_DAYS) are called old; fit a new one, evaluate it and promote it."
    )
