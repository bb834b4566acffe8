"""Why a customer has no bundle, from what the night wrote about them.

Who is held out is for those who measure, not for those who speak with customers: untold, a holdout looks like anybody for
whom the night chose nothing, because too little was worth it or the budget went to others.
"""

from typing import NamedTuple

import pandas as pd

from engine.domain.eligibility import Outcome
from engine.nightly.folder.run_folder import RunFolder
from models.tables import CUSTOMER_ID

_NOTHING_CHOSEN = "nothing_chosen"
_SECRET = frozenset(
    {
        Outcome.HOLDOUT,
        Outcome.NOT_YET_EXPOSED,
        Outcome.TOO_FEW_ITEMS,
        Outcome.NO_VALUE,
        Outcome.NO_PLAN_PAYS,
        Outcome.BUDGET,
        Outcome.LINE_BUDGET,
    }
)
# Outcomes that a rule of the programme brought about: which one `rule_figures.rule_of` tells.
BY_RULE = frozenset({Outcome.RULED_OUT, Outcome.THANK_YOU})
_SENTENCES = {
    _NOTHING_CHOSEN: "the night chose nothing for them; --arms says more, to those who may know who is held out",
    "unknown": "the night's data do not know them: no purchase and no row of the customers table",
    "untold": "the night's folder is gone, and with it what was decided",
    "ended": "the night made one, which does not count at this moment: ended, not begun, withdrawn or erased",
    Outcome.OTHER_STORE: "the programme is limited to [eligibility] stores, and they usually buy elsewhere",
    Outcome.NOT_ASSIGNED: "the programme is for other customers, by its [assigned]",
    Outcome.ENOUGH_OFFERS: "with what other programmes offer them it would be more than [assigned] allows",
    Outcome.OTHER_ENGINE: "an experiment that was imported leaves them to another engine's offers",
    Outcome.HOLDOUT: "they are held out, so that the offers' worth can be measured",
    Outcome.NO_CONSENT: "their consent does not allow personal offers",
    Outcome.NOT_SEEN: "they have bought nothing for longer than [eligibility] seen_days",
    Outcome.OPEN_COMPLAINT: "a complaint of theirs is open",
    Outcome.MOVED: "a contact found that they have moved away",
    Outcome.OTHER_MEMBER: "the household has one bundle, and another member has it",
    Outcome.HAS_OPEN_BUNDLE: "when the night was made they had one of an earlier night, which has ended since",
    Outcome.THANK_YOU: "a rule of the programme's [rules] gives them a thank-you now and then instead",
    Outcome.RULED_OUT: "a rule of the programme's [rules] gives them none for where they stand",
    Outcome.TOO_FEW_ITEMS: "fewer items than [bundle] min_items may be offered to them",
    Outcome.NO_VALUE: "the policy expects nothing from any bundle for them",
    Outcome.NOT_YET_EXPOSED: "their lot to get offers has not come yet, so that what offers bring can be learnt",
    Outcome.NO_PLAN_PAYS: "no bundle is the best plan for them: none that the policy weighed is surely worth its cost",
    Outcome.BUDGET: "the budget of that night went to bundles that were worth more",
    Outcome.LINE_BUDGET: "the budget line that pays what their rule gives had nothing left for them that night",
}


class Why(NamedTuple):
    """A key for machines and a sentence for people."""

    code: str
    text: str


def why_no_bundle(folder: RunFolder, customer_id: str, *, tell_arms: bool) -> Why:
    """Return why a customer has no bundle, by the finished run in `folder`.

    Raises:
        BadInput: a file of the run is missing or was changed.
    """
    code = _code(folder, customer_id) if folder.is_finished else "untold"
    if code in _SECRET and not tell_arms:
        code = _NOTHING_CHOSEN
    return Why(code, _SENTENCES[code])


def _code(folder: RunFolder, customer_id: str) -> str:
    outcome = _found(folder, "outcomes", customer_id, "outcome")
    if outcome is None:
        known = _found(folder, "people", customer_id, CUSTOMER_ID)
        return Outcome.NOT_SEEN.value if known else "unknown"
    return "ended" if outcome == Outcome.BUNDLE.value else outcome


def _found(folder: RunFolder, kind: str, customer_id: str, column: str) -> str | None:
    """A customer's value of one column of the run's tables; None where they are in none of them."""
    for file in folder.checked_files(kind):
        row = pd.read_parquet(file, columns=[column], filters=[(CUSTOMER_ID, "==", customer_id)])
        if len(row):
            return str(row[column].iloc[0])
    return None
