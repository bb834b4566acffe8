from datetime import date

import numpy as np
import pytest

from models.customers.lifetime import VisitHistory
from tests import cdnow
from training.fitting.lifetime_likelihood import (
    Rehearsal,
    fit_bgnbd,
    fit_gamma_gamma,
    fit_lifetime,
    fit_pareto_nbd,
)

CUT, END = date(1997, 9, 30), date(1998, 6, 30)
# The past of 39 weeks divided as the 39 weeks to come divide the whole.
INNER_CUT = date(1997, 5, 16)
HORIZON_DAYS = 273


def test_bgnbd_reproduces_the_published_parameters_on_cdnow() -> None:
    _, history, _ = cdnow.histories(cdnow.sample(), CUT)

    fitted = fit_bgnbd(history)

    assert (fitted.r, fitted.alpha, fitted.a, fitted.b) == pytest.approx(
        (0.2426, 4.4136, 0.7929, 2.4259), abs=5e-4
    )
    assert fitted.log_likelihood(history).sum() == pytest.approx(-9582.4, abs=0.05)


def test_gamma_gamma_reproduces_the_published_parameters_on_cdnow() -> None:
    # The paper leaves the first purchase out, and customers whose repeats were free.
    days = cdnow.sample()
    days = days[days["day"] <= "1997-09-30"].sort_values(["customer_id", "day"])
    repeats = days[days.duplicated("customer_id")].groupby("customer_id")["spend_minor"].agg(["size", "mean"])
    paid = repeats[repeats["mean"] > 0]

    fitted = fit_gamma_gamma(paid["size"].to_numpy(float), paid["mean"].to_numpy(float))

    assert (fitted.p, fitted.q, fitted.v / 100) == pytest.approx((6.25, 3.74, 15.44), abs=0.02)


def test_one_mistyped_price_does_not_say_what_everybody_spends() -> None:
    rng = np.random.default_rng(3)
    visits = rng.integers(1, 20, 300).astype(np.float64)
    spends = rng.lognormal(np.log(3000.0), 0.5, 300)
    mistyped = spends.copy()
    mistyped[7] *= 1000.0
    others = np.arange(300) != 7

    usual, moved = (
        fit_gamma_gamma(visits, given).expected_minor(visits, spends)[others] for given in (spends, mistyped)
    )

    assert moved == pytest.approx(usual, rel=0.01)


@pytest.mark.prove
def test_pareto_nbd_reproduces_the_published_likelihood_on_cdnow() -> None:
    _, history, _ = cdnow.histories(cdnow.sample(), CUT)

    assert fit_pareto_nbd(history).log_likelihood(history).sum() == pytest.approx(-9595.0, abs=0.05)


@pytest.mark.prove
def test_holdout_counts_of_cdnow_beat_the_classics() -> None:
    days = cdnow.sample()
    customers, history, basket = cdnow.histories(days, CUT)
    early, inner, _ = cdnow.histories(days, INNER_CUT)
    rehearsal = Rehearsal(
        inner, cdnow.visits_between(days, early, INNER_CUT, CUT), days=(CUT - INNER_CUT).days
    )
    paid = basket > 0
    came = cdnow.visits_between(days, customers, CUT, END)

    model = fit_lifetime(history, (history.repeats[paid] + 1.0, basket[paid]), HORIZON_DAYS, rehearsal)
    counts = model.typical_visits(history, HORIZON_DAYS)

    assert np.corrcoef(counts, came)[0, 1] >= 0.628
    assert np.abs(counts - came).mean() <= 0.757
    assert abs(counts.sum() / came.sum() - 1.0) <= 0.10


def test_a_shop_without_a_rehearsal_keeps_the_model_as_it_is() -> None:
    history = VisitHistory(
        repeats=np.array([0.0, 1.0, 4.0, 2.0] * 10),
        last_weeks=np.array([0.0, 2.0, 6.0, 5.0] * 10),
        age_weeks=np.array([8.0, 8.0, 7.0, 6.0] * 10),
        recent_repeats=np.array([0.0, 1.0, 4.0, 2.0] * 10),
    )

    model = fit_lifetime(history, (history.repeats + 1.0, np.array([500.0, 800.0] * 20)), 28, None)

    assert (model.level, model.trend, model.dispersion) == (1.0, 0.0, 1.0)


def test_the_rehearsals_level_is_what_came_over_what_was_expected() -> None:
    history = VisitHistory(
        repeats=np.array([0.0, 1.0, 4.0, 2.0] * 10),
        last_weeks=np.array([0.0, 2.0, 6.0, 5.0] * 10),
        age_weeks=np.array([8.0, 8.0, 7.0, 6.0] * 10),
        recent_repeats=np.array([0.0, 1.0, 4.0, 2.0] * 10),
    )
    spend = (history.repeats + 1.0, np.array([500.0, 800.0] * 20))
    usual = Rehearsal(history, came=np.array([0.0, 0.0, 2.0, 1.0] * 10), days=28)

    # The rehearsal is the past itself, over the same horizon: what came there is what is expected next.
    model = fit_lifetime(history, spend, 28, usual)

    assert model.expected_visits(history, 28).sum() == pytest.approx(30.0, rel=1e-6)
