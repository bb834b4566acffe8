"""Common random numbers: every draw is a hash of what it is for, never the next one of a stream.

A draw is named by a seed, a purpose and keys (household, day, product...). So neither the policy, nor the size of a
block, nor who else shops can shift anybody's dice, and two policies on one seed differ only by what they cause
(common random numbers: Law, Simulation Modeling and Analysis, 5th ed. 2015, chapter 11.2). The hash is the
finaliser of splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA),
applied once for each key.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_WHOLE = (1 << 64) - 1


class Purpose(IntEnum):
    """What a draw decides; the numbers are part of every world's past, so new ones go to the end."""

    SHOP = 1
    PROMOTION = 2
    TRAIT = 3
    FAMILY_TRAIT = 4
    TASTE = 5
    BEGINNING = 6
    VISIT = 7
    AWAY = 8
    RETURN = 9
    DROPOUT = 10
    TRIP = 11
    NEED = 12
    CHOICE = 13
    VARIETY = 14
    QUANTITY = 15
    EXPERIENCE = 16
    COMPLAINT = 17
    ANSWER = 18
    MOMENT = 19


def keyed(seed: int, purpose: Purpose, *keys: npt.ArrayLike) -> Bits:
    """64 random bits for each combination of broadcast integer keys; the order of the keys matters."""
    bits = np.atleast_1d(np.uint64(_mixed((seed * _STEP + purpose) & _WHOLE)))
    for key in keys:
        bits = extended(bits, key)
    return bits


def extended(bits: Bits, key: npt.ArrayLike) -> Bits:
    """Bits for one further key: `extended(keyed(s, p, a), b)` is `keyed(s, p, a, b)`."""
    stepped = np.atleast_1d(np.asarray(key)).astype(np.uint64)
    stepped += np.uint64(1)
    stepped *= np.uint64(_STEP)
    mixed: Bits = stepped + bits
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(_FIRST)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(_SECOND)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def uniform(bits: Bits) -> Floats:
    """Uniform on the open interval (0, 1), in steps of 2^-23, so that logarithms stay finite in float32."""
    return _unit(bits >> np.uint64(41))


def normal(bits: Bits) -> Floats:
    """Standard normal from both halves of the bits (Box and Muller 1958, Annals of Mathematical Statistics)."""
    radius = np.sqrt(np.float32(-2) * np.log(uniform(bits)))
    angle = np.float32(2 * np.pi) * _unit((bits >> np.uint64(9)) & np.uint64((1 << 23) - 1))
    drawn: Floats = radius * np.cos(angle)
    return drawn


def gumbel(bits: Bits) -> Floats:
    """Standard Gumbel: added to utilities, the largest sum is a draw of the logit (McFadden 1974)."""
    drawn: Floats = -np.log(-np.log(uniform(bits)))
    return drawn


def beta_of(mean: float, concentration: float, drawn: Floats) -> Floats:
    """Beta variates with a mean and a concentration (the sum of both shapes), by inversion of uniforms."""
    if mean in {0.0, 1.0}:
        return np.full_like(drawn, mean)
    shares = beta.ppf(drawn.astype(np.float64), mean * concentration, (1 - mean) * concentration)
    found: Floats = shares.astype(np.float32)
    return found


def mean_one(sd_log: float, drawn: Floats) -> Floats:
    """Log-normal weights with mean 1 from standard normals."""
    weight: Floats = np.exp(np.float32(sd_log) * drawn - np.float32(sd_log**2 / 2))
    return weight


def _unit(whole: Bits) -> Floats:
    unit: Floats = (whole.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
    return unit


def _mixed(value: int) -> int:
    value = ((value ^ (value >> 30)) * _FIRST) & _WHOLE
    value = ((value ^ (value >> 27)) * _SECOND) & _WHOLE
    return value ^ (value >> 31)
