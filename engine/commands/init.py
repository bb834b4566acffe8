"""`abonement init`: tables.toml and programme.toml proposed from a folder of data."""

import os
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson
from models.ground.errors import BadInput
from models.running.terminal import answer, progress_bar

TABLES, PROGRAMME = "tables.toml", "programme.toml"


def init(
    data: Annotated[Path, typer.Option(help="Folder with purchases and products, as CSV or Parquet files.")],
    currency: Annotated[
        str | None, typer.Option(help="ISO 4217, such as EUR, where no column says it.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="The shop's, such as Europe/Berlin; without it this machine's.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose tables.toml and programme.toml beside a shop's files; what is there already stays."""
    from engine.programme.proposed_programme import propose_programme, to_confirm
    from models.ground.durable import write_text
    from models.sources.loading.load_check import check
    from models.sources.proposing.folder_figures import figures_of_folder
    from models.sources.proposing.proposed_tables import propose_tables
    from models.sources.reading.declaration import read_declaration_file

    tables, programme = data / TABLES, data / PROGRAMME
    wrote, unsure = [], []
    if replace or not tables.exists():
        proposed = propose_tables(data, timezone=timezone or machine_timezone(), currency=currency)
        write_text(tables, proposed.text)
        wrote.append(TABLES)
        unsure += [f"{TABLES}: {one}" for one in proposed.to_confirm]
    with progress_bar() as progress:
        found = check(data, progress=progress)
        if found.refused:
            reasons = sorted({reason for table in found.tables.values() for reason in table.quarantined})
            raise BadInput(
                f"{tables} is there, but a load by it would be refused: {found.refused} Found "
                f"{', '.join(reasons) or 'no row'}; `abonement load --check --data {data}` says what each means."
            )
        if replace or not programme.exists():
            zone = read_declaration_file(tables).timezone
            text = propose_programme(figures_of_folder(data, tables, progress=progress), zone)
            write_text(programme, text)
            wrote.append(PROGRAMME)
            unsure += [f"{PROGRAMME}: {one}" for one in to_confirm(text)]
    kept = [name for name in (TABLES, PROGRAMME) if name not in wrote]
    facts = {"data": data, "wrote": wrote, "kept": kept, "to_confirm": unsure}
    answer(_said(data, wrote, kept, unsure), facts, as_json)


def machine_timezone() -> str:
    """The zone that this machine is set to, UTC where it does not say."""
    from zoneinfo import available_timezones

    place = Path("/etc/localtime")
    linked = str(place.resolve()).partition("zoneinfo/")[2] if place.is_symlink() else ""
    return (
        next((zone for zone in (os.environ.get("TZ"), linked) if zone in available_timezones()), None)
        or "UTC"
    )


def _said(data: Path, wrote: list[str], kept: list[str], unsure: list[str]) -> str:
    lines = [f"Wrote {' and '.join(wrote)} into {data}." if wrote else f"Wrote nothing into {data}."]
    if kept:
        lines.append(f"Kept {' and '.join(kept)} as they are; --replace writes them anew.")
    if unsure:
        lines += ["Confirm or correct what the files do not say:", *(f"  {one}" for one in unsure)]
    lines += [
        f"Next: abonement programme check {data / PROGRAMME} --data {data}",
        f"then: abonement load --data {data} --workspace WORKSPACE",
    ]
    return "\n".join(lines)
