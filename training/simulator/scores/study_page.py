"""A study of the fast loop as one HTML file without scripts: every policy in every world, with its interval over seeds."""

from collections.abc import Sequence

from models.pages.parts import Cell, Grid
from models.pages.rendering import render
from training.simulator.scores.study_table import StudyRow, by_world, cells, measures, remarks

PAGE = "training/simulator/scores/study_page.html"


def page(rows: Sequence[StudyRow], title: str) -> str:
    """Return the page."""
    heads = measures(rows)
    grids = [
        Grid(
            world.replace("_", " "),
            f"All amounts in {mine[0].currency} a customer.",
            ("policy", *heads),
            [[Cell(row.policy, style="meaning"), *map(Cell, cells(row)[: len(heads)])] for row in mine],
        )
        for world, mine in by_world(rows).items()
    ]
    return render(
        PAGE, title="Policies over worlds and seeds", about_study=title, grids=grids, remarks=remarks(rows)
    )
