"""Why customers leave: what contacts found out, and what the night's model sees in those who are likely to stay away.

Contacts are with whom somebody chose to call, the model's reasons with everybody it thinks likely to be silent; neither
is a cause. A customer counts once: their last finding that is a reason, and each of the model's reasons of theirs.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from engine.domain.contacts import Contact, Found
from engine.reports.report_figures import (
    ManagersReport,
    ReportedShop,
    ReportLine,
    ReportTable,
    ShownFigure,
    counted,
    report_of,
    share_of,
)
from engine.wording.churn_sentences import WORDS
from models.tables import P_CHURN

CHURN_REASONS = "churn_reasons"
# What is no reason: nobody spoke, or all is well again.
_NO_REASON = (Found.NOT_REACHED, Found.COMING_BACK, Found.COMPLAINT_SETTLED)
NAMES = {
    Found.BOUGHT_ELSEWHERE: "buy elsewhere",
    Found.MOVED: "moved away",
    Found.COMPLAINT: "complaint",
    Found.OTHER_REASON: "another reason",
    "late": "late by their own cycle",
    "comes_less": "come less often",
    "comes_seldom": "come seldom",
    "spends_less": "spend less",
    "smaller_baskets": "smaller baskets",
    "families_dropped": "stopped buying families of theirs",
    "comes_irregularly": "come irregularly",
    "buys_deals": "buy what is discounted",
}
_SENTENCES = {
    code: re.compile(".*".join(re.escape(part) for part in re.split(r"\{[^}]*\}", words)), re.DOTALL)
    for code, words in WORDS.items()
}


def loss_reasons(
    shop: ReportedShop, contacts: Iterable[Contact], outcomes: Sequence[Path], night: date | None
) -> ManagersReport:
    """Share out the reasons of the period's contacts and of the last night's likely leavers.

    Args:
        shop: the period.
        contacts: all that were recorded; those of the period count.
        outcomes: the last night's files of `models.tables.OUTCOMES` by bucket.
        night: its local day; None where there is none.
    """
    held = [one for one in contacts if shop.starts.as_of <= one.at < shop.ends.as_of]
    reached = {one.customer_id for one in held if one.found != Found.NOT_REACHED}
    last = {
        one.customer_id: one.found
        for one in sorted(held, key=lambda one: one.at)
        if one.found not in _NO_REASON
    }
    found = Counter(last.values())
    likely, told = _likely(outcomes)
    tables = [
        ReportTable(
            "contacts",
            "What contacts found out",
            f"Customers reached in the period whose last finding was that, of all {len(reached):,} who were reached; the others gave no reason.",
            ("customers", "share"),
            [_line(NAMES[reason], number, len(reached)) for reason, number in found.most_common()],
        ),
        ReportTable(
            "model",
            "What the model sees in likely leavers",
            f"Customers of the night of {night}, of the {likely:,} whose chance of staying away is high enough to be told why; one may have three reasons, so shares add up to more than 100 %.",
            ("customers", "share"),
            [_line(NAMES[code], number, likely) for code, number in told.most_common()],
        ),
    ]
    return report_of(
        "reasons",
        "Why customers leave",
        _answer(found, len(reached), told, likely),
        (
            "A reason is what was said or seen, no cause: who is called and who answers is no lot, and the model tells what goes with leaving.",
        ),
        tables,
    )


def _likely(outcomes: Sequence[Path]) -> tuple[int, Counter[str]]:
    """How many customers have a reason told, and how many of them each."""
    likely, told = 0, Counter[str]()
    for file in outcomes:
        rows = pd.read_parquet(file, columns=[P_CHURN, CHURN_REASONS])
        sentences = rows[CHURN_REASONS].dropna()
        sentences = sentences[sentences != ""]
        likely += len(sentences)
        for text in sentences:
            told.update({code for one in str(text).split("; ") if (code := code_of(one)) is not None})
    return likely, told


def code_of(sentence: str) -> str | None:
    """The code of a reason's sentence (`engine.wording.churn_sentences`); None for what is none."""
    return next((code for code, words in _SENTENCES.items() if words.fullmatch(sentence)), None)


def _line(name: str, number: int, of: int) -> ReportLine:
    share = share_of(number, of)
    if counted(number).value is None:  # the share of known many would tell the few
        share = ShownFigure(None, share.unit, number)
    return ReportLine(name, [counted(number), share])


def _answer(found: Counter[Found], reached: int, told: Counter[str], likely: int) -> str:
    parts = []
    for number, of, said in (
        (found.most_common(1), reached, "of those who were reached"),
        (told.most_common(1), likely, "of the model's likely leavers"),
    ):
        if number and share_of(number[0][1], of).value is not None:
            parts.append(f"{number[0][1] / of:.0%} {said}: {NAMES[number[0][0]]}")
    return (
        "The most frequent reason, " + "; ".join(parts) + "."
        if parts
        else "No reason is known of enough customers."
    )
