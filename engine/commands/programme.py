"""`abonement programme check`: whether a programme can be used, and what in it its owner hardly means."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson
from models.ground.exit_codes import REFUSED
from models.running.terminal import answer
from models.running.workspace_option import WORKSPACE

programme = typer.Typer(help="The programme's rules, before a night goes by them.", no_args_is_help=True)


@programme.callback()
def _commands() -> None:
    """Keep `abonement programme` a group of commands, however few there are."""


@programme.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The programme, such as programme.toml.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with the shop's files and tables.toml, before they are loaded."),
    ] = None,
    workspace: Annotated[Path | None, WORKSPACE] = None,
    as_json: AsJson = False,
) -> None:
    """Hold a programme against the shop's prices and customers: exit code 0 nothing to say, 2 unusable, 3 look at it."""
    from engine.programme import load_programme
    from engine.programme.programme_doubts import doubts
    from engine.programme.proposed_programme import to_confirm
    from models.ground.errors import BadInput
    from models.sources import open_data
    from models.sources.proposing.folder_figures import figures_of_folder, figures_of_load

    rules = load_programme(file)
    if data is not None:
        figures = figures_of_folder(data, data / "tables.toml")
    elif workspace is not None:
        figures = figures_of_load(open_data(workspace))
    else:
        raise BadInput("Of which shop? Name its files with --data, or the workspace they are loaded into.")
    rules.require_families(figures.families)
    found = doubts(rules, figures)
    lines = [f"{one.key}: {one.sentence}" for one in found] or [f"{file}: nothing to say against it."]
    unsure = [one.partition(" = ")[0] for one in to_confirm(file.read_text(encoding="utf-8"))]
    if unsure:
        lines.append(f"Lines that say CONFIRM still: {', '.join(unsure)}.")
    facts = {"file": file, "doubts": [asdict(one) for one in found], "to_confirm": unsure}
    answer("\n".join(lines), facts, as_json)
    if found:
        raise typer.Exit(REFUSED)
