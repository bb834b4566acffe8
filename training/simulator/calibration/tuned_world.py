"""A world tuned to a real shop: which parameters are turned, towards which figures, and the world file that comes of it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.ground.code import code_digest
from models.ground.progress import Progress
from training.simulator.calibration.moments import BACKGROUND, FIGURES, moments
from training.simulator.calibration.simulated_year import simulated_year
from training.simulator.calibration.tuning import Aim, Knob, Trials, tune
from training.simulator.world.world_files import parse_world
from training.simulator.world.world_parameters import WorldParameters

KNOBS = (
    Knob("visits.gap_days", 3.0, 25.0),
    Knob("visits.gap_sd_log", 0.3, 1.6),
    Knob("visits.regularity", 0.5, 4.0),
    Knob("visits.regularity_sd_log", 0.02, 1.5),
    Knob("visits.away_per_year", 0.1, 8.0),
    Knob("visits.away_days", 4.0, 60.0),
    Knob("dropout.per_year", 0.005, 1.0),
    Knob("dropout.gap_power", -0.5, 2.0),
    Knob("promotions.product_share", 0.2, 0.6),
    Knob("needs.log_odds", -4.0, 2.0),
    Knob("needs.trip_sd", 0.2, 3.0),
    Knob("needs.deal_weight", 0.01, 1.0),
    Knob("choice.taste_sd", 0.1, 3.0),
    Knob("choice.habit_weight", 0.2, 6.0),
    Knob("choice.attachment_sd_log", 0.0, 1.5),
    Knob("choice.habit_damps_price", 0.02, 0.98),
    Knob("choice.price_weight", 0.5, 6.0),
    Knob("choice.price_sd", 0.05, 3.0),
    Knob("choice.novelty_mean", -3.0, 4.0),
    Knob("choice.mailer_weight", 0.02, 2.0),
    Knob("quantity.extra_units", 0.05, 1.0),
    Knob("quantity.deal_weight", 0.05, 5.0),
    Knob("assortment.price_minor", 80.0, 800.0),
)
# The quantiles of gaps are whole days and move by leaps; the shares of gaps within so many days stand for them.
AIMED_AT = tuple(
    figure
    for figure in (*FIGURES, *BACKGROUND)
    if not re.fullmatch(r"gap_\d+|incidence_never|deal_depth", figure.key)
)


def tuned_world(
    text: str,
    source: str,
    real: Mapping[str, float],
    *,
    households: int,
    seed: int,
    steps: int,
    trials: Path,
    progress: Progress,
    knobs: Sequence[Knob] = KNOBS,
) -> tuple[str, float]:
    """Turn KNOBS of a world file until its figures come near the real shop's.

    Args:
        text: the world file to begin with; everything that is no knob stays, comments too.
        source: its name in messages.
        real: the real shop's figures by key.
        households: how many live in every trial.
        seed: of all trials: their common random numbers.
        steps: how many steps after the slopes are known.
        trials: file of the trials, from which the same command goes on.
        progress: told of every trial.
        knobs: what is turned.

    Returns:
        The tuned world file, and its sum of squared misses in tolerances.
    """
    start = parse_world(text, source)
    values = {knob.key: float(_parameter(start, knob.key)) for knob in knobs}
    rest = with_values(text, {knob.key: 0.0 for knob in knobs})

    def live(turned: Mapping[str, float]) -> Mapping[str, float]:
        world = parse_world(with_values(text, turned), source)
        return moments(simulated_year(world, households, seed))

    aims = [
        Aim(figure.key, real[figure.key], figure.tolerance)
        for figure in AIMED_AT
        if np.isfinite(real[figure.key])
    ]
    setting = f"{code_digest('training')} {households} {seed} {rest}"
    found, misses = tune(knobs, values, aims, Trials(live, trials, setting), steps, progress)
    return with_values(text, found), misses


def with_values(text: str, values: Mapping[str, float]) -> str:
    """A world file with other values of some keys (`section.key`); comments and the order of lines stay.

    A key that the file leaves to the world it is like is added to its section.
    """
    section, lines, left = "", [], dict(values)
    for line in text.splitlines():
        heading = re.fullmatch(r"\[(\w+)\]\s*(#.*)?", line.strip())
        section = heading[1] if heading else section
        given = re.fullmatch(r"(\s*(\w+)\s*=\s*)([^#]*?)(\s*(?:#.*)?)", line)
        key = f"{section}.{given[2]}" if given else ""
        lines.append(f"{given[1]}{left.pop(key)!r}{given[4]}" if given and key in left else line)
    for key, value in left.items():
        section, name = key.split(".")
        if f"[{section}]" not in lines:
            lines += ["", f"[{section}]"]
        lines.insert(lines.index(f"[{section}]") + 1, f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


def _parameter(parameters: WorldParameters, key: str) -> float:
    section, name = key.split(".")
    value: float = getattr(getattr(parameters, section), name)
    return value
