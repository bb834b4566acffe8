"""The evaluation as one HTML file without scripts and without anything to fetch, to read, keep or send."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from models.ground.moment import Moment
from models.pages.drawing import HEIGHT, TALL, draw
from models.pages.parts import Card, Cell, Grid, Tile
from models.pages.rendering import render
from models.versions.comparisons import Difference
from training.evaluation import evaluation_plots
from training.evaluation.contenders import PUBLISHED, Contender
from training.evaluation.evaluation_findings import KIND_MEASURES, MEASURES, EvaluationFindings
from training.evaluation.outcomes import KINDS
from training.evaluation.verdict import Verdict

CHIPS = {
    "better": ("", "Better"),
    "no different": ("accepted", "No different"),
    "worse": ("bad", "Worse"),
    "alone": ("accepted", "Nothing to compare with"),
}
PAGE = "training/evaluation/evaluation_page.html"
LINE_INCHES = 0.27  # a line of a forest plot


def page(findings: EvaluationFindings, verdict: Verdict, as_of: Moment) -> str:
    """Return the page."""
    what, how = sentences(findings, verdict)
    style, word = CHIPS[verdict.word]
    name = findings.plan.judged.version
    return render(
        PAGE,
        title=f"Evaluation of {name}",
        comparison=verdict.comparison.name if verdict.comparison else "",
        version=name,
        chip={"style": style, "word": word},
        what=what,
        how=how,
        facts=_facts(findings),
        methods=_methods(findings),
        plots=_plots(findings),
        calibration_plots=_calibration_plots(findings),
        calibration=_calibration(findings),
        kinds=_kinds(findings),
        segments=_segments(findings),
        as_of=as_of.as_of.isoformat(),
        customers=f"{findings.customers:,}",
        cuts=", ".join(cut.day.isoformat() for cut in findings.plan.cuts),
        days=findings.plan.days,
    )


def sentences(findings: EvaluationFindings, verdict: Verdict) -> tuple[str, str]:
    """What was found, and how it was judged."""
    plan = findings.plan
    cuts = f"{len(plan.cuts)} weekly cut{'s' if len(plan.cuts) > 1 else ''}"
    if verdict.comparison is None:
        what = f"{plan.judged.version} is judged beside the simple rules only; there is no other version."
    else:
        said = {
            "worse": "significantly worse than",
            "better": "significantly better than",
            "no different": "not significantly different from",
        }[verdict.word]
        shown = "; ".join(_difference(each) for each in verdict.comparison.differences)
        what = f"{plan.judged.version} is {said} {verdict.comparison.against}: {shown}."
    if plan.how == PUBLISHED:
        how = f"Judged as published, on {cuts} after everything that was learnt from."
    else:
        learnt = " and ".join(_replayed(each) for each in plan.contenders)
        how = (
            f"Replayed on {cuts}, because no weeks are left that the published models have not learnt from: before "
            f"every cut {learnt}. The trees judged are those refits, not the published ones."
        )
    return what, how


def _replayed(contender: Contender) -> str:
    stale = (
        f"as of {contender.age_days} days before it, as stale as it is"
        if contender.age_days
        else "as of that day"
    )
    recipe = "" if contender.same_recipe else ", with this release's features instead of its own"
    return f"the profile of {contender.version} is fitted again {stale}{recipe}"


def _difference(difference: Difference) -> str:
    return (
        f"{difference.measure} {difference.value:+.4f} "
        f"[{difference.low:+.4f}, {difference.high:+.4f}] ({100 * difference.level:g} %)"
    )


def _facts(findings: EvaluationFindings) -> list[Tile]:
    name = findings.methods[0]
    tiles = [
        Tile(f"{findings.row('measures', method=name, measure=measure)['value']:.3f}", measure)
        for measure in MEASURES
    ]
    whole = findings.row("calibration", method=name, where="chosen six", by="everything")
    return [*tiles, Tile(f"{100 * whole['value']:+.1f} %", "predicted against bought, on the six")]


def _methods(findings: EvaluationFindings) -> Grid:
    rows = [
        [
            Cell(method, style="meaning"),
            *(_cell(findings.row("measures", method=method, measure=measure)) for measure in MEASURES),
        ]
        for method in findings.methods
    ]
    return Grid(
        "Everybody on the same customers",
        "Bundles used: shoppers who bought at least one of their six within the window. Recall and NDCG over everything "
        "they bought; purchases missed: not among the method's candidates at all; log loss over the pairs that every "
        "method proposed, so that easy candidates make none better; the lower the better, both.",
        ("Method", *MEASURES),
        rows,
    )


def _kinds(findings: EvaluationFindings) -> Grid:
    names = ("share of the six", *KIND_MEASURES)
    rows = [
        [
            Cell(kind, method, "meaning"),
            *(_cell(findings.row("kinds", method=method, kind=kind, measure=name)) for name in names),
        ]
        for kind in KINDS
        for method in findings.methods
    ]
    return Grid(
        "Habitual, occasional and new items, each on its own",
        "By the days on which the customer had bought the item before: four or more, one to three, never. Recall, NDCG "
        "and log loss rank and count only items of that kind; a list of staples scores well and is worth little.",
        ("Items", *names),
        rows,
    )


def _cell(row: pd.Series) -> Cell:
    return _with_range(row, lambda value: f"{value:.3f}")


def _with_range(row: pd.Series, words: Callable[[float], str]) -> Cell:
    """A figure over its interval; "none" where nobody counted."""
    if pd.isna(row["value"]):
        return Cell("none")
    return Cell(words(row["value"]), f"{words(row['low'])} to {words(row['high'])}")


def _plots(findings: EvaluationFindings) -> list[Card]:
    lines = 0.8 + LINE_INCHES * len(findings.methods)
    plots: list[tuple[str, str, str, evaluation_plots.Draw, float]] = [
        ("Against everybody else", "Items bought of six, less theirs; grey where nobody can tell.", "items", partial(evaluation_plots.differences, measure="items bought of six"), lines),
        ("Probabilities, against everybody else", "Log loss less theirs; to the left is better.", "loss", partial(evaluation_plots.differences, measure="log loss"), lines),
        ("Gains", "Of all purchases, how many the best-scored share of the pairs that everybody proposed holds.", "gains", evaluation_plots.gains, TALL),
        ("Lift", "How many times more purchases than among the same pairs drawn blindly (logarithmic).", "lift", evaluation_plots.lift, TALL),
        ("What the candidates hold", "Share of all that was bought, by the source that proposed it; green what no other source proposed.", "sources", evaluation_plots.sources, TALL),
        ("How many candidates it takes", "Share of all that was bought among each customer's best so many.", "first", evaluation_plots.first, TALL),
    ]  # fmt: skip
    if len(findings.tables["importance"]):
        plots.append(("What the trees look at", "Share of the gain, mean over the cuts.", "importance", evaluation_plots.importance, 5.0))  # fmt: skip
    return [_card(findings, *plot) for plot in plots]


def _calibration_plots(findings: EvaluationFindings) -> list[Card]:
    table = _of_the_judged(findings)
    lines = [
        0.9 + LINE_INCHES * table[table["where"].eq("chosen six") & table["by"].isin(by)].shape[0]
        for by in (["cut", "loyalty"], ["family"])
    ]
    cards = [_card(findings, "Reliability", "Share bought against the predicted chance, the pairs that everybody proposed, in bins (logarithmic).", "reliability", evaluation_plots.reliability, TALL + 0.6)]  # fmt: skip
    if lines[0] > 1:
        cards.append(_card(findings, "Predicted against bought, by week and customers", "(predicted - observed) / observed on the chosen six; red where it is surely off.", "calibration-cut", partial(evaluation_plots.calibration, by=["cut", "loyalty"]), lines[0]))  # fmt: skip
    if (table["by"] == "family").any():
        cards.append(_card(findings, "Predicted against bought, by family", "The same, for families with at least a hundred purchases on those slots.", "calibration-family", partial(evaluation_plots.calibration, by=["family"]), lines[1]))  # fmt: skip
    return cards


def _calibration(findings: EvaluationFindings) -> Grid:
    table = _of_the_judged(findings)
    rows = [
        [
            Cell(row["where"], _group(row), "meaning"),
            Cell(f"{row['predicted']:,.0f}"),
            Cell(f"{row['observed']:,.0f}"),
            _with_range(row, lambda value: f"{100 * value:+.1f} %"),
        ]
        for _, row in table[table["by"].isin(["everything", "loyalty", "kind"])].iterrows()
    ]
    return Grid(
        "Can a budget rest on it?",
        "Purchases that the probabilities add up to, beside those that happened: on the six that are offered, and on the "
        "best-scored tenth of the pairs that every method proposed.",
        ("Where", "Predicted purchases", "Observed", "Error"),
        rows,
    )


def _of_the_judged(findings: EvaluationFindings) -> pd.DataFrame:
    table = findings.tables["calibration"]
    return table[table["method"] == findings.methods[0]]


def _group(row: pd.Series) -> str:
    return (
        "all of them"
        if row["by"] == "everything"
        else f"{row['group']} {'customers' if row['by'] == 'loyalty' else 'items'}"
    )


def _segments(findings: EvaluationFindings) -> list[Card]:
    """Segments against the version in use, or against the first rule where there is none."""
    table, against = findings.tables["segments"], findings.methods[1]
    table = table[(table["against"] == against) & table["value"].notna()]
    cards = []
    for name, title, by in (
        ("customers", "Where it wins and loses: customers", ("customers", "spend", "cut")),
        ("families", "Where it wins and loses: items", ("kind", "family")),
    ):
        lines = 0.9 + LINE_INCHES * int(table["by"].isin(by).sum())
        text = f"Items bought of six a shopper, less those of {against}."
        cards.append(
            _card(
                findings, title, text, name, partial(evaluation_plots.segments, against=against, by=by), lines
            )
        )
    return cards


def _card(
    findings: EvaluationFindings,
    title: str,
    says: str,
    name: str,
    plot: evaluation_plots.Draw,
    height: float = HEIGHT,
) -> Card:
    return Card(title, says, draw(name, partial(plot, findings=findings), height))
