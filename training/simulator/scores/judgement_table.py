"""A policy's judgement for a terminal: every world with its kind, then every figure beside what is asked."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from training.simulator.scores.over_seeds import over_seeds
from training.simulator.scores.paying_worlds import PAYING, Held, JudgedWorld
from training.simulator.scores.study_table import money_range

_WIDTH = 150
_SIZES = ("asked of 2,000 x 12", "asked of 10,000 x 26")


def judgement(worlds: Sequence[JudgedWorld], figures: Sequence[Held], policy: str) -> str:
    """Both tables."""
    listed = Table(
        title=f"{policy}: margin a customer more than without offers, with its 95 % interval over seeds",
        title_justify="left",
    )
    listed.add_column("world")
    listed.add_column("offers")
    for name in ("best known", "depth rule", policy, "share of best known"):
        listed.add_column(name, justify="right")
    for world in worlds:
        gains = (
            money_range(over_seeds(found).gain, world.currency)
            for found in (world.best, world.depth_rule, world.policy)
        )
        share = f"{100 * world.share:.0f} %" if world.kind == PAYING else ""
        listed.add_row(world.name, world.kind, *gains, share)
    shown = Table(title="What is asked of a policy that pays", title_justify="left")
    shown.add_column("figure")
    shown.add_column(policy, justify="right")
    shown.add_column("where")
    for size in _SIZES:
        shown.add_column(size, justify="right")
    for one in figures:
        value = "not measured" if one.value is None else _written(one.value, one)
        asked = (_asked(ends, one) + _met(ends, one.value) for ends in one.asked)
        shown.add_row(one.name, value, one.where, *asked)
    text = io.StringIO()
    console = Console(file=text, width=_WIDTH, no_color=True)
    console.print(listed)
    console.print(shown)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _written(value: float, figure: Held) -> str:
    return f"{value:+.2f}" if figure.unit == "money" else f"{100 * value:.1f} %"


def _asked(ends: tuple[float | None, float | None], figure: Held) -> str:
    least, most = (None if end is None else _written(end, figure) for end in ends)
    if least and most:
        return f"{least} to {most}"
    return f"at least {least}" if least else f"at most {most}" if most else ""


def _met(ends: tuple[float | None, float | None], value: float | None) -> str:
    if ends == (None, None) or value is None:
        return ""
    least, most = ends
    met = (least is None or value >= least) and (most is None or value <= most)
    return ", met" if met else ", missed"
