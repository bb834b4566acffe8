"""`abonement-train judge`: whether one policy pays, held to the best known one over worlds and seeds."""

from pathlib import Path
from typing import Annotated

import typer

from models.running.terminal import answer, progress_bar
from training.commands.options import AsJson
from training.commands.simulate import seeds_of, worlds_asked


def judge(
    policy: Annotated[
        str,
        typer.Option(help="As in simulate: a name, module:function, or module:Class of one that learns."),
    ],
    world: Annotated[
        list[str], typer.Option(help="As in simulate: a name, a file, all, or prior:SEED:MANY. Repeat it.")
    ],
    weeks: Annotated[int, typer.Option(min=1, max=104, help="Weekly nights, after a year without offers.")],
    customers: Annotated[int, typer.Option(min=50, help="Households.")],
    seeds: Annotated[str, typer.Option(help="Of all that is drawn: 0..19, or 0,3,7.")],
    out: Annotated[Path, typer.Option(help="Folder for the results; a study may share it.")],
    jobs: Annotated[int, typer.Option(min=1, help="Worlds and seeds lived side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Sort worlds into those that pay and those in which offers harm, and hold a policy to what is asked there.

    Lives the policy, the shipped depth rule and the best known policy in the fast loop. What is there already is read.
    """
    from training.simulator.loop.best_known import BEST_KNOWN
    from training.simulator.loop.fast_study import FastStudy, study
    from training.simulator.scores.judgement_table import judgement
    from training.simulator.scores.paying_worlds import JudgedWorld, as_plain, held

    worlds = worlds_asked(world)
    names = tuple(dict.fromkeys((BEST_KNOWN, "shipped", policy)))
    drawn = seeds_of(seeds)
    with progress_bar() as progress:
        results = study(FastStudy(worlds, names, weeks, customers, drawn, out), jobs, progress)
    judged = [
        JudgedWorld(
            one.name,
            one.currency,
            one.attention.weight > 0,
            *(
                [found.scores for found in results if (found.world.name, found.policy) == (one.name, name)]
                for name in (BEST_KNOWN, "shipped", policy)
            ),
        )
        for one in worlds
    ]
    figures = held(judged)
    facts = {
        "policy": policy,
        "customers": customers,
        "weeks": weeks,
        "seeds": list(drawn),
        "worlds": [as_plain(one) for one in judged],
        "figures": [vars(one) for one in figures],
    }
    answer(f"{judgement(judged, figures, policy)}\nKept in {out / 'fast'}.", facts, as_json)
