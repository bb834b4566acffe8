"""What lots teach of visits: the truth of a made-up shop is found, and a lot that is not centred is not believed."""

import numpy as np
import pytest

from models.ground.errors import BadArtifact
from models.response.bundle_traces import BundleTraces
from models.response.exposed_weeks import ExposedWeek, LotSums, WeekMoments
from models.response.visit_effects import AT_ONCE, COEFFICIENTS, VisitEffects

PRIOR = VisitEffects.prior(500.0)


def a_week(
    draws: np.random.Generator,
    *,
    customers: int = 4_000,
    effect: float = 0.4,
    brought: float = 0.8,
    share: float = 0.5,
    recently: bool = False,
) -> ExposedWeek:
    """Customers with a dose of plausible savings; visits rise by the share `effect` at a dose of 1."""
    doses = np.zeros((customers, len(COEFFICIENTS)))
    doses[:, 0] = draws.uniform(0.2, 0.6, customers)
    expected = draws.gamma(2.0, 0.5, customers)
    chance = np.full(customers, share)
    exposed = draws.random(customers) < chance
    if recently:  # only who is about to come has a bundle at all, and the chance does not say so
        exposed &= expected > np.median(expected)
        expected = np.full(customers, 1.0)
    usual = draws.poisson(expected).astype(float)
    more = draws.poisson(np.where(exposed, expected * effect * doses[:, 0], 0.0)).astype(float)
    nothing = np.zeros(customers)
    return ExposedWeek(
        doses, chance, exposed, expected, usual + more, usual + brought * more, nothing, nothing
    )


def weeks_with_traces(draws: np.random.Generator, *, wear: float, weeks: int = 6) -> list[ExposedWeek]:
    """The same lots week after week, and what bundles leave behind moves the visits of later weeks."""
    customers, traces, found = 2_000, BundleTraces.none(2_000), []
    everybody, chance = np.arange(customers), np.full(customers, 0.3)
    exposed = draws.random(customers) < chance
    for week in range(weeks):
        trace, usual_trace = traces.at(everybody, 7 * week)
        worn = AT_ONCE * exposed + trace
        expected = draws.gamma(2.0, 0.5, customers)
        visits = draws.poisson(expected * np.exp(wear * worn)).astype(float)
        doses = np.full((customers, len(COEFFICIENTS)), 0.3)
        found.append(ExposedWeek(doses, chance, exposed, expected, visits, visits, trace, usual_trace))
        traces.leave(everybody, 7 * week, 7 * week + 7, exposed, chance)
    return found


def learnt(weeks: list[ExposedWeek]) -> VisitEffects:
    sums = LotSums.nothing()
    for week in weeks:
        sums = sums.plus(week)
    return sums.effects(PRIOR)


def test_the_effect_of_savings_on_visits_is_found_within_its_error() -> None:
    draws = np.random.default_rng(5)

    found = learnt([a_week(draws) for _ in range(8)])

    error = np.sqrt(np.array(found.covariance)[0, 0])
    assert error < 0.15
    assert abs(found.mean[0] - 0.4) < 2.5 * error


def test_a_week_counted_by_parts_of_its_customers_teaches_the_same() -> None:
    week = a_week(np.random.default_rng(5), customers=200)
    parts = [
        WeekMoments.of(ExposedWeek(**{name: rows[part] for name, rows in vars(week).items()}))
        for part in (slice(0, 70), slice(70, 200))
    ]

    whole, added = LotSums.nothing().plus(week), LotSums.nothing().plus_moments(parts[0].plus(parts[1]))

    for name, value in vars(whole).items():
        np.testing.assert_allclose(getattr(added, name), value, rtol=1e-9, atol=1e-9)


def test_a_shop_where_bundles_tire_is_told_from_the_weeks_after_them() -> None:
    tired = learnt(weeks_with_traces(np.random.default_rng(9), wear=-0.25))
    quiet = learnt(weeks_with_traces(np.random.default_rng(9), wear=0.0))

    assert tired.mean[-1] < -0.1
    assert abs(quiet.mean[-1]) < 0.04
    assert quiet.covariance[-1][-1] < PRIOR.covariance[-1][-1]


def test_a_trace_fades_by_half_in_two_weeks() -> None:
    traces, one = BundleTraces.none(1), np.array([0])
    traces.leave(one, 0, 7, np.array([True]), np.array([0.5]))

    fresh, usual = traces.at(one, 7)
    later, _ = traces.at(one, 21)

    assert later[0] == pytest.approx(fresh[0] / 2)
    assert usual[0] == pytest.approx(fresh[0] / 2)


def test_what_a_brought_visit_is_worth_is_found_too() -> None:
    draws = np.random.default_rng(6)

    whole = learnt([a_week(draws, effect=0.8, brought=1.0, customers=20_000) for _ in range(6)])
    errand = learnt([a_week(draws, effect=0.8, brought=0.0, customers=20_000) for _ in range(6)])

    assert errand.brought < 0.25
    assert whole.brought > 0.75
    assert errand.brought_sd < PRIOR.brought_sd / 2


def test_intervals_hold_the_truth_where_offers_do_nothing_and_shares_follow_what_was_seen() -> None:
    inside = 0
    for seed in range(60):
        draws = np.random.default_rng(seed)
        sums, share = LotSums.nothing(), 0.2
        for _ in range(6):
            sums = sums.plus(a_week(draws, customers=1_000, effect=0.0, share=share))
            share = 0.8 if sums.score[0] > 0 else 0.1  # adapted to the luck of the weeks before
        found = sums.effects(PRIOR)
        inside += abs(found.mean[0]) < 1.96 * np.sqrt(found.covariance[0][0])

    assert inside >= 55


def test_customers_whose_chance_was_one_teach_nothing() -> None:
    draws = np.random.default_rng(7)

    found = learnt([a_week(draws, share=1.0)])

    assert found.mean == pytest.approx(PRIOR.mean, abs=1e-12)


def test_sums_survive_json() -> None:
    sums = LotSums.nothing().plus(a_week(np.random.default_rng(8)))

    assert LotSums.read(sums.as_dict()) == sums


def test_sums_of_another_release_are_refused_in_a_sentence() -> None:
    with pytest.raises(BadArtifact, match="fit them again"):
        LotSums.read({"score": [1.0]})
