"""`abonement-train evaluate`: how good a version is, against the current one and against simple rules."""

from pathlib import Path
from typing import Annotated

import typer

from models.ground.errors import BadInput
from models.running.terminal import answer, progress_bar
from training.commands.options import AsJson, Jobs, Workspace


def evaluate(
    workspace: Workspace,
    as_of: Annotated[
        str, typer.Option(help="Purchases before it are known: a local day, or a time with zone.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page, the tables and the judged cuts.")],
    version: Annotated[
        str | None, typer.Option(help="Version to judge; the newest that is not current otherwise.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Version to judge it against; the current one otherwise.")
    ] = None,
    cuts: Annotated[int, typer.Option(min=1, help="How many weekly cuts at most.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the resampled customers.")] = 20171204,
    jobs: Jobs = 2,
    response: Annotated[
        bool,
        typer.Option(
            "--response",
            help="Show a version of the response instead, the one in use without --version: its effects, who gets what, how long seeing "
            "it takes.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge a version on rolling weekly cuts that it has not seen; write a page, tables, and what promote goes by.

    Interrupt it when you like: cuts that are done are kept in --out, and the same command goes on from there.
    """
    if response:
        if against is not None:
            raise BadInput(
                "--response shows one version and takes no --against; `promote --response` compares two."
            )
        _show_response(workspace, as_of, out, version, as_json)
        return
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from training.evaluation.evaluate import evaluate as judge
    from training.evaluation.evaluate import summary
    from training.evaluation.evaluation_page import sentences

    data = open_data(workspace)
    moment = parse_moment(as_of, data.timezone)
    with data.held(), data.blamed_if_damaged(), progress_bar() as progress:
        done = judge(
            data,
            workspace,
            moment,
            out,
            version=version,
            against=against,
            cuts=cuts,
            seed=seed,
            jobs=jobs,
            progress=progress,
        )
    rows = done.findings.tables["measures"].pivot_table(
        index="method", columns="measure", values="value", sort=False
    )
    table = rows.rename_axis(index=None, columns=None).to_string(float_format="{:.4f}".format)
    said = [*sentences(done.findings, done.verdict), table, f"Page and tables: {done.page}"]
    answer("\n".join(said), {**summary(done.findings, done.verdict), "page": done.page}, as_json)


def _show_response(workspace: Path, as_of: str, out: Path, version: str | None, as_json: bool) -> None:
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from training.evaluation.response_evaluation import evaluate_response, in_words, write_response_page

    data = open_data(workspace)
    moment = parse_moment(as_of, data.timezone)
    with data.held(), data.blamed_if_damaged():
        found = evaluate_response(workspace, data, moment, version)
    page = write_response_page(found, data.currency, moment, out)
    said = [*in_words(found, data.currency), f"Page: {page}"]
    answer("\n".join(said), found.as_dict() | {"page": page}, as_json)
