import numpy as np

from models.customers.lifetime import visit_history
from tests.models.literal import customer_rows


def test_the_first_visit_is_no_repeat_neither_ever_nor_lately() -> None:
    history = visit_history(
        customer_rows(
            3, visits=[1, 4, 10], tenure_days=[3, 70, 364], days_since_visit=[3, 7, 0], visits_84d=[1, 4, 3]
        )
    )
    assert np.array_equal(history.repeats, [0, 3, 9])
    assert np.array_equal(history.last_weeks, [0, 9, 52])
    assert np.array_equal(history.age_weeks, np.array([3, 70, 364]) / 7.0)
    assert np.array_equal(history.recent_repeats, [0, 3, 3])
