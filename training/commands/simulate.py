"""`abonement-train simulate`: policies in worlds whose truth is known, with the real night, till and retraining."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.ground.durable import write_text
from models.ground.errors import BadInput
from models.running.terminal import answer, number_of, progress_bar
from training.commands.options import AsJson

if TYPE_CHECKING:
    from training.simulator.loop.fast_study import StudyResult
    from training.simulator.scores.study_table import StudyRow
    from training.simulator.world.world_parameters import WorldParameters

ALL = "all"
_MOST_SEEDS = 1000


def simulate(
    world: Annotated[
        list[str],
        typer.Option(
            help="A world's name, or its file, or all; or prior:SEED:MANY, drawn ones: docs/simulator.md. Repeat it for "
            "several."
        ),
    ],
    policy: Annotated[
        list[str],
        typer.Option(
            help="no_offers, random_bundles, top_affinities, pull, shipped, oracle, or all of these; or one of your "
            "own: its name, or module:function. Repeat it for several. With --fast also best_known, the yardstick."
        ),
    ],
    weeks: Annotated[int, typer.Option(min=1, max=104, help="Weekly nights, after a year without offers.")],
    customers: Annotated[int, typer.Option(min=50, help="Households.")],
    seeds: Annotated[
        str,
        typer.Option(
            "--seeds", "--seed", help="Of all that is drawn, the same for all policies: 0, or 0..9, or 0,3,7."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for runs and the ranking; policies may share it.")],
    jobs: Annotated[
        int, typer.Option(min=1, help="Worlds and seeds, or buckets, worked on side by side.")
    ] = 2,
    fast: Annotated[
        bool, typer.Option("--fast", help="In memory, on counts instead of models: for research, in seconds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run nights and tills in a simulated shop, retrain every fourth week, and say what the policy was worth.

    A run that was stopped goes on after its last whole week. Every run adds its policy to OUT/index.html. With --fast
    there is neither store nor model, and the answer is a table with intervals over seeds.
    """
    from training.simulator.loop.simulated_policies import POLICIES

    worlds = worlds_asked(world)
    policies = _listed(policy, tuple(POLICIES))
    drawn = seeds_of(seeds)
    if fast:
        _fast(worlds, policies, drawn, (weeks, customers), out, jobs, as_json)
    elif "best_known" in policies:
        raise BadInput("The yardstick best_known is searched for in the fast loop only; add --fast.")
    else:
        _closed(worlds, policies, drawn, (weeks, customers), out, jobs, as_json)


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds written as `0`, `0..9` (both included) or `0,3,7..9`, in their order; BadInput for anything else."""
    found: dict[int, None] = {}
    for part in text.split(","):
        written = re.fullmatch(r"\s*(\d{1,9})(?:\.\.(\d{1,9}))?\s*", part)
        first, last = (int(written[1]), int(written[2] or written[1])) if written else (1, 0)
        if not first <= last < first + _MOST_SEEDS:
            raise BadInput(
                f"Expected seeds such as 0, 0..9 or 0,3,7 (at most {_MOST_SEEDS:,}), got {text!r}; correct --seeds."
            )
        found |= dict.fromkeys(range(first, last + 1))
    return tuple(found)


def _listed(asked: list[str], everything: tuple[str, ...]) -> tuple[str, ...]:
    """What is asked for, `all` written out, each once."""
    names = [name for one in asked for name in (everything if one == ALL else (one,))]
    return tuple(dict.fromkeys(names))


def worlds_asked(names: list[str]) -> "list[WorldParameters]":
    """Worlds by name, file or prior, `all` written out; BadInput where there is none, or two are called alike."""
    from training.simulator.world.world_files import world_names
    from training.simulator.world.world_prior import worlds_named

    worlds = [one for name in _listed(names, world_names()) for one in worlds_named(name)]
    _refuse_namesakes(worlds)
    return worlds


def _refuse_namesakes(worlds: "list[WorldParameters]") -> None:
    names = [world.name for world in worlds]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(
                f"Two worlds are called {name}, and a run's folder is called so; rename one of them."
            )


def _closed(
    worlds: "list[WorldParameters]",
    policies: tuple[str, ...],
    seeds: tuple[int, ...],
    size: tuple[int, int],
    out: Path,
    jobs: int,
    as_json: bool,
) -> None:
    from training.simulator.loop.closed_study import live_all
    from training.simulator.loop.simulation_start import SimulationPlan
    from training.simulator.scores.ranking import as_dict, over_worlds, standings
    from training.simulator.scores.ranking_page import page, text

    weeks, customers = size
    several = len(worlds) * len(seeds) > 1
    plans = [
        SimulationPlan(world, name, weeks, customers, seed, out, 1 if several else jobs)
        for world in worlds
        for seed in seeds
        for name in policies
    ]
    with progress_bar() as progress:
        folders = live_all(plans, jobs, progress)
        found = standings(out)
        write_text(out / "index.html", page(found))
    here = [one for one in found if one.folder in folders]
    facts: dict[str, Any] = {"runs": [as_dict(one) for one in here]} if several else as_dict(here[0])
    facts |= {"share_of_oracle_over_worlds": over_worlds(found), "page": str(out / "index.html")}
    told = "\n".join(f"Seed {one.seed}: {text(one)}" if len(seeds) > 1 else text(one) for one in here)
    answer(f"{told}\nThe page with everything measured: {out / 'index.html'}", facts, as_json)


def _fast(
    worlds: "list[WorldParameters]",
    policies: tuple[str, ...],
    seeds: tuple[int, ...],
    size: tuple[int, int],
    out: Path,
    jobs: int,
    as_json: bool,
) -> None:
    from training.simulator.loop.fast_study import FastStudy, study
    from training.simulator.scores.doubts import doubts
    from training.simulator.scores.over_seeds import as_plain, plain_interval
    from training.simulator.scores.study_page import page
    from training.simulator.scores.study_table import ENOUGH_SEEDS, table

    weeks, customers = size
    plan = FastStudy(worlds, policies, weeks, customers, seeds, out)
    with progress_bar() as progress:
        rows = study_rows(study(plan, jobs, progress))
    title = (
        f"{customers:,} customers, {number_of(weeks, 'night')}, {number_of(len(seeds), 'seed')}: margin a customer more "
        "than without offers, with its 95 % interval over seeds"
    )
    facts = {
        "customers": customers,
        "weeks": weeks,
        "seeds": list(seeds),
        "too_few_seeds": len(seeds) < ENOUGH_SEEDS,
        "page": str(out / "fast" / "index.html"),
        "rows": [
            {"world": row.world, "policy": row.policy, "currency": row.currency}
            | as_plain(row.scores)
            | {"doubts": list(doubts(row.scores, row.regret))}
            | ({} if row.regret is None else {"regret": plain_interval(row.regret)})
            for row in rows
        ],
    }
    write_text(out / "fast" / "index.html", page(rows, title))
    answer(
        f"{table(rows, title)}\nKept in {out / 'fast'}, the page in {out / 'fast' / 'index.html'}.",
        facts,
        as_json,
    )


def study_rows(results: "list[StudyResult]") -> "list[StudyRow]":
    """Results of single seeds as rows, world by world, with their regret to the best known where that was lived."""
    from training.simulator.loop.best_known import BEST_KNOWN
    from training.simulator.scores.over_seeds import over_seeds, regret
    from training.simulator.scores.study_table import StudyRow

    together: dict[tuple[str, str], list[StudyResult]] = {}
    for result in results:
        together.setdefault((result.world.name, result.policy), []).append(result)
    rows = []
    for (world, policy), found in together.items():
        best = {one.seed: one.scores for one in together.get((world, BEST_KNOWN), ())}
        mine = {one.seed: one.scores for one in found}
        missed = regret(best, mine) if best and policy != BEST_KNOWN else None
        scores = over_seeds([*mine.values()])
        rows.append(StudyRow(world, policy, found[0].world.currency, scores, missed))
    return rows
