"""`abonement programme`: what a programme's rules are and where each comes from, what they mean, and how two differ."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, existing_store
from models.ground.exit_codes import REFUSED
from models.running.terminal import answer
from models.running.workspace_option import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.programme import Programme
    from engine.programme.rules_in_words import RuleInWords

CURRENT = "current"
_HEADINGS = {"customer": "For the customer", "shop": "For the shop"}
_FILE_OR_CURRENT = f"A programme's file, or `{CURRENT}`: that of the last published night."

programme = typer.Typer(help="The programme's rules, before a night goes by them.", no_args_is_help=True)


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
    """Say what a programme means and hold it against the shop: exit code 0 nothing to say, 2 unusable, 3 look at it."""
    from engine.programme import load_programme, programme_text
    from engine.programme.programme_doubts import doubts
    from engine.programme.proposed_programme import to_confirm
    from engine.programme.rules_in_words import rules_in_words
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
    told = rules_in_words(rules, figures.currency)
    lines = [*_in_words(told), ""]
    lines += [f"{one.key}: {one.sentence}" for one in found] or [f"{file}: nothing to say against it."]
    unsure = [one.partition(" = ")[0] for one in to_confirm(programme_text(file))]
    if unsure:
        lines.append(f"Lines that say CONFIRM still: {', '.join(unsure)}.")
    facts = {
        "file": file,
        "means": [one._asdict() for one in told],
        "doubts": [asdict(one) for one in found],
        "to_confirm": unsure,
    }
    answer("\n".join(lines), facts, as_json)
    if found:
        raise typer.Exit(REFUSED)


@programme.command()
def show(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help=f"{_FILE_OR_CURRENT} The shipped one without it."),
    ] = None,
    workspace: Annotated[Path | None, WORKSPACE] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print every rule that counts, with the line, preset or release that it comes from; the output is a programme itself."""
    from engine.programme.presets import CLASSIC
    from engine.programme.rule_origins import effective_rules, rules_from
    from engine.programme.toml_writing import toml_text

    rules, text, source = _named(file, workspace, store_url)
    found = rules_from(rules, text, f"preset {CLASSIC}" if file is None else source)
    origin = {one.key: one.origin for one in found}
    facts = {
        "programme": source,
        "rules": [{"key": ".".join(one.key), "value": one.value, "from": one.origin} for one in found],
    }
    written = f"# Every rule of {source}, and where it comes from.\n{toml_text(effective_rules(rules), origin.__getitem__)}"
    answer(written.rstrip("\n"), facts, as_json)


@programme.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=_FILE_OR_CURRENT)],
    after: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    workspace: Annotated[Path | None, WORKSPACE] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Say in words and by key how two programmes differ, whatever their files leave to presets."""
    from engine.programme.rule_origins import keys_that_differ, sentences_that_differ
    from engine.programme.toml_writing import value_text

    (one, _, first), (other, _, second) = (_named(name, workspace, store_url) for name in (before, after))
    currency = _currency(workspace)
    words, keys = sentences_that_differ(one, other, currency), keys_that_differ(one, other)
    lines = [f"- {first}", f"+ {second}"]
    for about, heading in _HEADINGS.items():
        mine = [told for told in words if told.about == about]
        lines += ["", f"{heading}:"] if mine else []
        for told in mine:
            lines += [f"  {sign} {said}" for sign, said in (("-", told.before), ("+", told.after)) if said]
    lines += ["", "Keys:"] if keys else []
    lines += [
        f"  {key}: {' -> '.join('none' if value is None else value_text(value) for value in values)}"
        for key, *values in keys
    ]
    if not keys:
        lines = [f"{first} and {second} mean the same."]
    facts = {
        "before": first,
        "after": second,
        "words": [told._asdict() for told in words],
        "keys": [key._asdict() for key in keys],
    }
    answer("\n".join(lines), facts, as_json)


def _named(name: str | None, workspace: Path | None, store_url: str | None) -> "tuple[Programme, str, str]":
    """The rules, their text and what they are called: of a file, of the last published night, or shipped."""
    from engine.programme import kept_rules, load_programme, programme_text
    from engine.store.nights.published_products import published_shop
    from models.ground.errors import BadInput

    if name != CURRENT:
        path = None if name is None else Path(name)
        return load_programme(path), programme_text(path), name or "the shipped programme"
    if workspace is None:
        raise BadInput(f"Whose night is `{CURRENT}`? Name its workspace with --workspace.")
    with existing_store(workspace, store_url) as store:
        last = published_shop(store)
    if last is None:
        raise BadInput(f"Nothing was published in {workspace} yet; name a file.")
    source = f"run {last.run_id}"
    return kept_rules(last.programme, f"the programme of {source}").programme, last.programme, source


def _currency(workspace: Path | None) -> str:
    """That of the loaded data; none where there are none."""
    from models.ground.errors import AbonementError
    from models.sources import open_data

    try:
        return "" if workspace is None else open_data(workspace).currency
    except AbonementError:
        return ""


def _in_words(told: "Iterable[RuleInWords]") -> list[str]:
    by_heading: dict[str, list[str]] = {about: [] for about in _HEADINGS}
    for one in told:
        by_heading[one.about].append(f"  {one.sentence}")
    return [line for about, lines in by_heading.items() for line in (f"{_HEADINGS[about]}:", *lines)]
