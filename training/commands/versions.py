"""`abonement-train versions`, `note`, `diff`, `promote` and `rollback`: the registry and what it points to."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.ground.errors import BadInput
from models.running.terminal import answer
from training.commands.options import AsJson, By, Workspace, user

OfResponse = Annotated[
    bool, typer.Option("--response", help="Of the price response, which has versions of its own.")
]


def promote(
    version: Annotated[str, typer.Argument(help="Version to make current.")],
    workspace: Workspace,
    force: Annotated[
        bool,
        typer.Option("--force", help="Also where an evaluation, or the gate of a response, found it worse."),
    ] = False,
    by: By = None,
    response: OfResponse = False,
    as_json: AsJson = False,
) -> None:
    """Make a published version the one that nights use.

    Refused, with exit code 3, where the latest evaluation against the current version found it significantly
    worse. Without such an evaluation it is promoted, and the answer says so. What a rule does in it, where a model was
    not better, stands below, as `fit` said it. With --response it is refused where the logged nights say that it is surely worse
    than the one in use, or may lose more visits than the programme allows.
    """
    from models.versions import registry

    if response:
        _promote_response(workspace, version, force, by, as_json)
        return
    folder = registry.registry_folder(workspace)
    former = registry.current_version(folder)
    comparison = registry.promote(folder, version, now=datetime.now(UTC), by=by or user(), force=force)
    said = f"Version {version} is the current version."
    if comparison is not None:
        found = "significantly worse" if comparison.worse_in else "not significantly worse"
        said += f" Evaluation {comparison.name} found it {found} than {comparison.against}."
    elif former not in {None, version}:
        said += f" No evaluation compares it with {former}; `abonement-train evaluate` does."
    notes = registry.manifest_of(folder, version)["notes"]
    facts = {
        "version": version,
        "from": former,
        "evaluation": comparison.name if comparison else None,
        "notes": notes,
    }
    answer("\n".join([said, *notes]), facts, as_json)


def _promote_response(workspace: Path, version: str, force: bool, by: str | None, as_json: bool) -> None:
    from models.ground.errors import Worse
    from models.versions.response_versions import promote_response, response_folder, response_manifest
    from training.evaluation.response_gate import gated

    folder = response_folder(workspace)
    try:
        gate = gated(workspace, version)
        state, said, facts = gate.state.value, gate.said, gate.as_dict()
    except Worse as error:
        if not force:
            raise
        state, said, facts = "forced", f"Promoted all the same: {error}", {"state": "forced"}
    before = promote_response(folder, version, now=datetime.now(UTC), by=by or user(), gate=state)
    told = response_manifest(folder, version)["notes"]
    about = {"version": version, "from": before, "gate": facts | {"said": said}, "notes": told}
    answer("\n".join([f"Version {version} is the response in use. {said}", *told]), about, as_json)


def rollback(
    workspace: Workspace,
    by: By = None,
    response: OfResponse = False,
    as_json: AsJson = False,
) -> None:
    """Go back to the version that was current before the present one."""
    from models.versions import registry
    from models.versions.response_versions import response_folder, roll_back_response

    if response:
        version = roll_back_response(response_folder(workspace), now=datetime.now(UTC), by=by or user())
        answer(f"Version {version} is the response in use again.", {"version": version}, as_json)
        return
    folder = registry.registry_folder(workspace)
    version = registry.roll_back(folder, now=datetime.now(UTC), by=by or user())
    answer(f"Version {version} is the current version again.", {"version": version}, as_json)


def versions(workspace: Workspace, response: OfResponse = False, as_json: AsJson = False) -> None:
    """List the versions of the registry with their metrics, the one that nights use marked, every note and promotion."""
    from dataclasses import asdict

    from models.versions import registry
    from models.versions.response_versions import response_folder
    from models.versions.version_notes import notes_of
    from training.evaluation.version_listing import list_notes, list_promotions, list_versions

    if not workspace.is_dir():
        raise BadInput(
            f"There is no workspace {workspace}; expected the folder that `abonement load` filled."
        )
    if response:
        _list_responses(response_folder(workspace), as_json)
        return
    folder = registry.registry_folder(workspace)
    table, promotions = list_versions(folder), list_promotions(folder)
    rows = table.assign(current=table["current"].map({True: "*", False: ""}))
    said = (
        rows.to_string(index=False, float_format="{:.4f}".format, na_rep="-")
        if len(rows)
        else "No version yet."
    )
    facts = {
        "versions": table.astype(object).where(table.notna(), None).to_dict("records"),
        "notes": [asdict(note) for note in notes_of(folder)],
        "promotions": registry.pointer_history(folder),
    }
    answer("\n".join([said, *list_notes(folder), *promotions]), facts, as_json)


def _list_responses(folder: Path, as_json: bool) -> None:
    from models.versions.response_versions import response_manifest, response_versions
    from models.versions.version_pointer import current_version, pointer_history

    current = current_version(folder)
    known = {name: response_manifest(folder, name)["metrics"] for name in response_versions(folder)}
    lines = [
        f"{'*' if name == current else ' '} {name} "
        + "  ".join(f"{what} {value:,.2f}" for what, value in metrics.items() if what.startswith("believed"))
        for name, metrics in known.items()
    ]
    if current is None:
        lines.append("None is in use: nights believe the prior.")
    facts = {"current": current, "versions": known, "promotions": pointer_history(folder)}
    answer("\n".join(lines), facts, as_json)


def note(
    version: Annotated[str, typer.Argument(help="Version to say something about.")],
    text: Annotated[str, typer.Argument(help="What to say: one line, and no customer's id.")],
    workspace: Workspace,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Keep a note about a version; `versions` shows it."""
    from dataclasses import asdict

    from models.versions import registry
    from models.versions.version_notes import add_note

    kept = add_note(
        registry.registry_folder(workspace), version, text, now=datetime.now(UTC), by=by or user()
    )
    answer(f"Noted about {version}: {kept.note}", asdict(kept), as_json)


def diff(
    one: Annotated[str, typer.Argument(help="A version.")],
    other: Annotated[str, typer.Argument(help="Another one.")],
    workspace: Workspace,
    as_json: AsJson = False,
) -> None:
    """Show in what two versions differ: data window, recipe, parameters, metrics, notes."""
    from models.versions import registry
    from training.evaluation.version_listing import diff_versions

    differing = diff_versions(registry.registry_folder(workspace), one, other)
    lines = [f"{name}\n  {one}: {a}\n  {other}: {b}" for name, (a, b) in differing.items()]
    answer("\n".join(lines) or f"{one} and {other} differ in nothing.", {"differs": differing}, as_json)
