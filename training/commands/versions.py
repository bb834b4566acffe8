"""`abonement-train versions`, `diff`, `promote` and `rollback`: the registry and what it points to."""

from pathlib import Path
from typing import Annotated

import typer

from models.console import answer
from models.errors import BadInput
from training.commands.options import AsJson


def promote(
    version: Annotated[str, typer.Argument(help="Version to make current.")],
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")],
    as_json: AsJson = False,
) -> None:
    """Make a published version the one that nights use."""
    from models import registry

    registry.promote(registry.registry_folder(workspace), version)
    answer(f"Version {version} is the current version.", {"version": version}, as_json)


def rollback(
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")], as_json: AsJson = False
) -> None:
    """Go back to the version that was current before the present one."""
    from models import registry

    version = registry.roll_back(registry.registry_folder(workspace))
    answer(f"Version {version} is the current version again.", {"version": version}, as_json)


def versions(
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")], as_json: AsJson = False
) -> None:
    """List the versions of the registry with their metrics; the one that nights use is marked."""
    from models import registry
    from training.versions import list_versions

    if not workspace.is_dir():
        raise BadInput(
            f"There is no workspace {workspace}; expected the folder that `abonement load` filled."
        )
    table = list_versions(registry.registry_folder(workspace))
    rows = table.assign(current=table["current"].map({True: "*", False: ""}))
    said = (
        rows.to_string(index=False, float_format="{:.4f}".format, na_rep="-")
        if len(rows)
        else "No version yet."
    )
    answer(said, {"versions": table.astype(object).where(table.notna(), None).to_dict("records")}, as_json)


def diff(
    one: Annotated[str, typer.Argument(help="A version.")],
    other: Annotated[str, typer.Argument(help="Another one.")],
    workspace: Annotated[Path, typer.Option(help="Folder with the registry.")],
    as_json: AsJson = False,
) -> None:
    """Show in what two versions differ: data window, recipe, parameters, metrics, notes."""
    from models import registry
    from training.versions import diff_versions

    differing = diff_versions(registry.registry_folder(workspace), one, other)
    lines = [f"{name}\n  {one}: {a}\n  {other}: {b}" for name, (a, b) in differing.items()]
    answer("\n".join(lines) or f"{one} and {other} differ in nothing.", {"differs": differing}, as_json)
