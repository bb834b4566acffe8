"""A shop whose nights explore in six slots, with shares that it adapts to what came of the nights before; truth known."""

from dataclasses import dataclass

import numpy as np

from models.effects.logged_support import ratios
from models.effects.policy_value import ExpectedRewards, LoggedRewards

SLOTS, ITEMS = 6, 5


@dataclass(frozen=True)
class LoggedNights:
    """Nights of the shop: `logged` with the propensities in force, the exploring share of each night, and the truth."""

    logged: LoggedRewards
    averaged: LoggedRewards  # with each customer's propensities averaged over all nights instead
    by_slot: LoggedRewards  # with uses slot by slot
    expected: ExpectedRewards  # a model that knows chances of use up to a factor, and no season
    shares: np.ndarray
    truth: float  # uses a bundle under the new policy, on average over these nights


def lived_nights(customers: int, nights: int, seed: int, season: float = 0.3) -> LoggedNights:
    """Live so many nights; visits rise by `season` towards the last night and lie so much lower on the first."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(1, 6, (customers, SLOTS, ITEMS))
    liked = (chance * rng.lognormal(0, 0.7, chance.shape)).argmax(axis=2)
    wanted = (chance * rng.lognormal(0, 0.3, chance.shape)) ** 3
    target = wanted / wanted.sum(axis=2, keepdims=True)
    visits = rng.uniform(0.3, 0.7, customers)
    row, slot = np.arange(customers)[:, None], np.arange(SLOTS)
    share, shares, used, given, in_season = 0.6, [], [], [], np.linspace(1 - season, 1 + season, nights)
    for night in range(nights):
        explored = rng.random((customers, SLOTS)) < share
        item = np.where(explored, rng.integers(0, ITEMS, (customers, SLOTS)), liked)
        came = rng.random(customers) < visits * in_season[night]
        use = (rng.random((customers, SLOTS)) < chance[row, slot, item]) & came[:, None]
        used.append(use), given.append(item), shares.append(share)
        pays = use[explored].mean() > 0.6 * use[~explored].mean()
        share = float(np.clip(share * (1.15 if pays else 0.8), 0.3, 0.7))
    items, told = np.stack(given), np.array(shares)

    uses = np.stack(used).reshape(-1, SLOTS).astype(float)

    def rewards(of_night: np.ndarray, seen: np.ndarray) -> LoggedRewards:
        part = of_night[:, None, None]
        logged = part / ITEMS + (1 - part) * (items == liked)
        return LoggedRewards(
            seen,
            ratios(target[row, slot, items].reshape(-1, SLOTS), logged.reshape(-1, SLOTS)),
            np.repeat(np.arange(nights), customers),
            np.tile(np.arange(customers), nights),
            np.ones(customers * nights),
        )

    worth = visits * (target * chance).sum(axis=(1, 2))
    return LoggedNights(
        rewards(told, uses.sum(axis=1)),
        rewards(np.full(nights, told.mean()), uses.sum(axis=1)),
        rewards(told, uses),
        ExpectedRewards(
            1.2 * (visits[:, None] * chance[row, slot, items]).sum(axis=2).ravel(),
            1.2 * np.tile(worth, nights),
        ),
        told,
        float(worth.mean() * in_season.mean()),
    )
