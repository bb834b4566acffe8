"""`abonement-train simulate`: a policy in a world whose truth is known, with the real night, till and retraining."""

from pathlib import Path
from typing import Annotated

import typer

from models.ground.durable import write_text
from models.running.terminal import answer, progress_bar
from training.commands.options import AsJson


def simulate(
    world: Annotated[str, typer.Option(help="A world's name, or its file: docs/simulator.md.")],
    policy: Annotated[
        str,
        typer.Option(
            help="no_offers, random_bundles, top_affinities, shipped, oracle, or all of these; or one of your own: "
            "its name, or module:function."
        ),
    ],
    weeks: Annotated[int, typer.Option(min=1, max=104, help="Weekly nights, after a year without offers.")],
    customers: Annotated[int, typer.Option(min=50, help="Households.")],
    seed: Annotated[int, typer.Option(min=0, help="Of all that is drawn; the same for all policies.")],
    out: Annotated[Path, typer.Option(help="Folder for runs and the ranking; policies may share it.")],
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Run nights and tills in a simulated shop, retrain every fourth week, and say what the policy was worth.

    A run that was stopped goes on after its last whole week. Every run adds its policy to OUT/index.html.
    """
    from training.simulator.loop.simulated_policies import POLICIES
    from training.simulator.loop.simulation_start import SimulationPlan
    from training.simulator.loop.weeks import simulate as live
    from training.simulator.scores.ranking import as_dict, over_worlds, standings
    from training.simulator.scores.ranking_page import page, text
    from training.simulator.world.world_files import load_world

    parameters = load_world(world)
    with progress_bar() as progress:
        for name in POLICIES if policy == "all" else (policy,):
            plan = SimulationPlan(parameters, name, weeks, customers, seed, out, jobs)
            live(plan, progress)
        found = standings(out)
        write_text(out / "index.html", page(found))
    (here,) = (one for one in found if one.folder == plan.setting / f"{weeks}-weeks")
    facts = as_dict(here) | {
        "share_of_oracle_over_worlds": over_worlds(found),
        "page": str(out / "index.html"),
    }
    answer(f"{text(here)}\nThe page with everything measured: {out / 'index.html'}", facts, as_json)
