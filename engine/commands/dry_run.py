"""`abonement nightly --dry-run`: what tonight would be by some programmes and budgets, in words, as JSON and as a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.options import store_address
from models.ground.currencies import written
from models.running.terminal import answer, progress_bar

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from engine.nightly.dry_run import DryNight
    from engine.store import Store

_RUNGS, _FAMILIES, _RULES = 8, 6, 8


def dry_nights(
    workspace: Path,
    as_of: str,
    programmes: Sequence[Path],
    *,
    policy: str | None,
    budgets: str | None,
    store_url: str | None,
    jobs: int,
    page: Path | None,
    as_json: bool,
    now: datetime,
) -> None:
    """Plan the night by each programme, the classic one where none is named, and say what it would be; nothing is kept."""
    from engine.nightly.choosing.policies import chosen_policy
    from engine.nightly.dry_run import AskedProgramme, dry_run, side_by_side
    from engine.nightly.folder.offers_compared import in_words
    from engine.nightly.in_force.response_in_force import require_response
    from engine.programme import load_programme, programme_text
    from engine.watch.dry_run_page import dry_run_page
    from engine.wording.language_files import load_sentences, own_wording
    from models.ground.durable import write_text
    from models.ground.moment import parse_moment
    from models.sources import open_data
    from models.tables.table_files import check_out

    if page is not None:
        check_out(page)
    amounts = _amounts(budgets)
    data = open_data(workspace)
    moment = parse_moment(as_of, data.timezone)
    asked = []
    for path in programmes or (None,):
        rules = load_programme(path)
        chosen = chosen_policy(rules, policy)
        require_response(workspace, rules, chosen)
        wording = own_wording(path, rules.language)
        load_sentences(rules.language, wording)
        asked.append(
            AskedProgramme(
                "the shipped programme" if path is None else str(path), programme_text(path), chosen, wording
            )
        )
    with (
        _store_to_read(workspace, store_url) as store,
        data.held(),
        data.blamed_if_damaged(),
        progress_bar() as progress,
    ):
        nights = dry_run(workspace, moment, asked, store, budgets=amounts, jobs=jobs, progress=progress)
    beside = side_by_side(nights)
    if page is not None:
        made_of = f"Planned at {now:%Y-%m-%d %H:%M} UTC from load {data.load_id}; nothing was published."
        write_text(page, dry_run_page(moment.day, nights, beside, data.currency, made_of))
    lines = [f"Dry run of {moment.day}: nothing was published, nothing was written to the store."]
    for one in nights:
        lines += ["", *_lines(one, data.currency)]
    lines += [""] if beside else []
    lines += [f"{one['programme']} beside {one['beside']}: {in_words(one)}." for one in beside]
    answer("\n".join(lines), _facts(moment.day.isoformat(), data.currency, nights, beside), as_json)


def _lines(one: "DryNight", currency: str) -> list[str]:
    from engine.commands.night_summary import budget_lines
    from engine.nightly.folder.offers_compared import in_words

    result, curve = one.result, one.curve
    depth = result["mean_depth_bp"]
    return [
        f"{one.name}, policy {one.policy}: {result['bundles']:,} bundles with {result['offers']:,} offers for "
        f"{result['customers']:,} customers seen; {result['expected_uses'] or 0:,.1f} offers expected to be bought"
        + ("" if depth is None else f", {depth / 100:.2f} % off in the mean")
        + ".",
        (
            f"  against {one.against['run_id']}: {in_words(one.against)}"
            if one.against
            else "  against    no published night whose offers are still here"
        ),
        f"  guard      {guard_said(one.guard)}",
        "",
        *_table(
            ("budget", "may plan", "costs", "bundles", "uses", "worth"),
            [_budget_row(name, point, currency) for name, point in named_budgets(curve, currency)],
        ),
        *(f"  line       {line}" for line in budget_lines(one.budget, currency)),
        "",
        *_table(
            ("rung", "customers", "bundles", "offers", "costs", "uses", "depth bp", "gain", "lose"),
            [_segment_row(line, currency) for line in one.rungs[:_RUNGS]],
        ),
        "",
        *_by_rule(one, currency),
        *_table(
            ("family", "offers", "before", "costs", "uses", "depth bp"),
            [
                (
                    line["segment"],
                    f"{line['offers']:,}",
                    _count(line.get("offers_before")),
                    written(line["cost_minor"], currency),
                    f"{line['uses']:,.1f}",
                    _count(line["mean_depth_bp"]),
                )
                for line in one.families[:_FAMILIES]
            ],
        ),
        "",
        *_table(
            ("rule", "keeps out", "how many", "share"),
            [
                (line["rule"], line["what"], f"{line['removed']:,}", share_of(line))
                for line in one.rules[:_RULES]
            ],
        ),
    ]


def guard_said(guard: Mapping[str, Any]) -> str:
    """`would publish it: 18 checks passed`, or `would keep it back: mean_depth (says what it measures)`."""
    failed = [f"{name} ({check['says']})" for name, check in guard.items() if not check["ok"]]
    if failed:
        return f"would keep it back: {'; '.join(failed)}"
    return f"would publish it: {len(guard)} checks passed"


def _by_rule(one: "DryNight", currency: str) -> list[str]:
    """Who gains or loses offers by each of the programme's [rules]; nothing where it has none."""
    if not one.ruled:
        return []
    heads = ("by rule", "customers", "bundles", "offers", "costs", "uses", "depth bp", "gain", "lose")
    return [*_table(heads, [_segment_row(line, currency) for line in one.ruled]), ""]


def named_budgets(curve: Mapping[str, Any], currency: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The programme's budget, those asked for, and the knee of the curve, each with what it would bring."""
    return [
        ("this programme", curve["tonight"]),
        *((f"{written(one['amount_minor'], currency)} {currency}", one) for one in curve["asked"]),
        (f"the knee, {written(curve['knee']['amount_minor'], currency)} {currency}", curve["knee"]),
    ]


def share_of(line: Mapping[str, Any]) -> str:
    """Of what a rule kept something out."""
    for key, words in (("share_of_buys", "of buyers"), ("share_of_customers", "of customers")):
        if key in line:
            return f"{line[key]:.1%} {words}"
    return ""


def _budget_row(name: str, point: Mapping[str, Any], currency: str) -> tuple[str, ...]:
    allowance = point.get("allowance_minor")
    return (
        name,
        "" if allowance is None else written(allowance, currency),
        written(point["cost_minor"], currency),
        f"{point['bundles']:,}",
        f"{point['uses']:,.1f}",
        f"{point['worth']:,.2f}",
    )


def _segment_row(line: Mapping[str, Any], currency: str) -> tuple[str, ...]:
    return (
        line["segment"],
        *(f"{line[key]:,}" for key in ("customers", "bundles", "offers")),
        written(line["cost_minor"], currency),
        f"{line['uses']:,.1f}",
        *(_count(line.get(key)) for key in ("mean_depth_bp", "gain", "lose")),
    )


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    return [
        "  "
        + "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for row in (heads, *rows)
    ]


def _facts(
    night: str, currency: str, nights: Sequence["DryNight"], beside: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "night": night,
        "currency": currency,
        "published": False,
        "programmes": [
            {
                "programme": one.name,
                "policy": one.policy,
                "result": one.result,
                "budget": one.budget,
                "curve": one.curve,
                "against": one.against or None,
                "ruled": one.ruled,
                "rungs": one.rungs,
                "families": one.families,
                "rules": one.rules,
                "guard": one.guard,
            }
            for one in nights
        ],
        "side_by_side": beside,
    }


def _amounts(budgets: str | None) -> list[int]:
    from models.ground.errors import BadInput

    words = [one.strip().replace("_", "") for one in (budgets or "").split(",") if one.strip()]
    wrong = [one for one in words if not (one.isascii() and one.isdigit())]
    if wrong:
        raise BadInput(
            f"--budget {budgets}: expected whole amounts in minor units with commas between, such as 400000,600000; got {wrong[0]!r}."
        )
    return [int(one) for one in words]


def _store_to_read(workspace: Path, store_url: str | None) -> "AbstractContextManager[Store]":
    """The store that is there; before the first night an empty one that is thrown away."""
    from contextlib import contextmanager
    from tempfile import TemporaryDirectory

    from engine.commands.options import existing_store
    from engine.store import open_store, store_file

    address = store_address(workspace, store_url)
    runs = any((workspace / "runs").glob("[!.]*/manifest.json"))
    if not address.startswith("sqlite") or store_file(address).exists() or runs:
        return existing_store(workspace, store_url)

    @contextmanager
    def empty() -> Any:
        with TemporaryDirectory(prefix="abonement-dry-run-") as scratch:
            store = open_store(f"sqlite:///{Path(scratch) / 'store.db'}")
            try:
                yield store
            finally:
                store.close()

    return empty()
