"""All cuts together, as tables that a page draws and others read: each figure with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.items.candidates import SOURCES
from models.tables import CUSTOMER_NO
from training.evaluation.bootstrap import Interval, Resamples
from training.evaluation.contenders import EvaluationPlan
from training.evaluation.outcomes import EVERYTHING, FIRST, KINDS
from training.evaluation.segments import segments_of

LEVEL = 0.95
# measure -> the sums whose ratio it is (`outcomes.measures`), and whether more of it is better
MEASURES: dict[str, tuple[str, str, bool]] = {
    "bundles used": ("used", "shopper", True),
    "items bought of six": ("items", "shopper", True),
    "recall@10": ("recall", "buyer", True),
    "NDCG@10": ("ndcg", "buyer", True),
    "purchases missed": ("missed", "wanted", False),
    "log loss": ("loss", "rows", False),
}
KIND_MEASURES = {
    "bought per slot": ("slots_bought", "slots"),
    "recall@10": ("recall", "buyer"),
    "NDCG@10": ("ndcg", "buyer"),
    "log loss": ("loss", "rows"),
}
# Families with fewer purchases on the slots looked at are left to their parents: an interval of +-20 % says nothing.
ENOUGH_BOUGHT = 100
LARGEST_FAMILIES = 12


@dataclass(frozen=True)
class EvaluationFindings:
    """What an evaluation found.

    Attributes:
        plan: who was compared, and how.
        methods: names, the version judged first.
        customers: how many customers decided.
        tables: by name: measures, kinds, differences, segments, calibration, reliability, gains, sources, first,
            importance; each with value, low, high where an interval is known.
        deciding: the differences that a promotion rests on, by measure; none without a version to compare with.
    """

    plan: EvaluationPlan
    methods: tuple[str, ...]
    customers: int
    tables: dict[str, pd.DataFrame]
    deciding: dict[str, Interval]

    def row(self, table: str, **where: object) -> pd.Series:
        """The one row of a table with these values."""
        found = self.tables[table]
        for name, value in where.items():
            found = found[found[name] == value]
        return found.iloc[0]


class Sums:
    """Sums of one table by customer, over all cuts, in the order of the resampled customers."""

    def __init__(self, everybody: pd.Index) -> None:
        self.everybody = everybody

    def of(self, rows: pd.DataFrame, column: str) -> np.ndarray:
        """Sum of a column for each customer, shape (customers,), 0 where they have no row."""
        place = self.everybody.get_indexer(pd.Index(rows[CUSTOMER_NO]))
        return np.bincount(
            place, weights=rows[column].to_numpy(dtype=np.float64), minlength=len(self.everybody)
        )


def find(
    plan: EvaluationPlan, judged: Mapping[str, pd.DataFrame], deciding: Sequence[str], level: float, seed: int
) -> EvaluationFindings:
    """Make the tables.

    Args:
        plan: who was compared, and how.
        judged: the tables of `judging.judge_cut`, all cuts below each other.
        deciding: measures that a promotion rests on.
        level: of their intervals.
        seed: of the resampling.
    """
    everybody = pd.Index(np.sort(judged["customers"][CUSTOMER_NO].unique()))
    resamples = Resamples(len(everybody), np.random.default_rng(seed))
    sums = Sums(everybody)
    contenders = tuple(each.version for each in plan.contenders)
    rules = [name for name in judged["measures"]["method"].unique() if name not in contenders]
    methods = (*contenders, *rules)
    overall = judged["measures"][judged["measures"]["kind"] == EVERYTHING]
    pairs = {
        (method, name): (sums.of(rows, over), sums.of(rows, under))
        for method in methods
        for rows in [overall[overall["method"] == method]]
        for name, (over, under, _better) in MEASURES.items()
    }
    others = [method for method in methods if method != methods[0]]
    against = contenders[1] if len(contenders) > 1 else None
    segments = segments_of(judged["customers"])
    return EvaluationFindings(
        plan,
        methods,
        len(everybody),
        {
            "measures": _table(
                [
                    {"method": method, "measure": name, **_as_row(resamples.ratio(*pair, LEVEL))}
                    for (method, name), pair in pairs.items()
                ]
            ),
            "kinds": _kinds(judged["measures"], methods, sums, resamples),
            "differences": _table(
                [
                    {
                        "against": other,
                        "measure": name,
                        "more_is_better": MEASURES[name][2],
                        **_as_row(resamples.difference(pairs[methods[0], name], pairs[other, name], LEVEL)),
                    }
                    for other in others
                    for name in MEASURES
                ]
            ),
            "segments": _segments(judged, overall, segments, methods[0], others, sums, resamples),
            "calibration": _calibration(judged["slots"], segments, contenders, sums, resamples),
            "reliability": _reliability(judged["bins"], contenders, sums, resamples),
            "gains": _gains(judged["gains"], methods),
            "sources": _sources(judged["found"], contenders, sums, resamples),
            "first": _first(judged["found"], methods, sums, resamples),
            "importance": judged["importance"]
            .groupby(["method", "feature"], as_index=False)[["gain"]]
            .mean(),
        },
        {
            name: resamples.difference(pairs[methods[0], name], pairs[against, name], level)
            for name in deciding
            if against is not None
        },
    )


def _as_row(interval: Interval) -> dict[str, float]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def _kinds(rows: pd.DataFrame, methods: Sequence[str], sums: Sums, resamples: Resamples) -> pd.DataFrame:
    """Habitual, occasional and new items, each on its own."""
    found = []
    for method in methods:
        own = rows[rows["method"] == method]
        all_slots = sums.of(own[own["kind"] == EVERYTHING], "slots")
        for kind in KINDS:
            part = own[own["kind"] == kind]
            about = {"method": method, "kind": kind}
            share = resamples.ratio(sums.of(part, "slots"), all_slots, LEVEL)
            found.append({**about, "measure": "share of the six", **_as_row(share)})
            for name, (over, under) in KIND_MEASURES.items():
                ratio = resamples.ratio(sums.of(part, over), sums.of(part, under), LEVEL)
                found.append({**about, "measure": name, **_as_row(ratio)})
    return _table(found)


def _segments(
    judged: Mapping[str, pd.DataFrame],
    overall: pd.DataFrame,
    segments: pd.DataFrame,
    method: str,
    others: Sequence[str],
    sums: Sums,
    resamples: Resamples,
) -> pd.DataFrame:
    """Items bought of six, the method's less another's, by segment of customers, by cut, by family and by kind."""
    found = []
    tagged = overall.merge(segments, on=["cut", CUSTOMER_NO], how="left", validate="many_to_one").assign(
        by_cut=overall["cut"].to_numpy()
    )
    shoppers = sums.of(overall[overall["method"] == method], "shopper")
    slots = judged["slots"][judged["slots"]["chosen"]]
    families = slots[slots["bought"]].groupby("family").size().nlargest(LARGEST_FAMILIES).index
    for other in others:
        for column, group in (("loyalty", "customers"), ("spend", "spend"), ("by_cut", "cut")):
            for name, rows in tagged.groupby(column, sort=True):
                one, two = (
                    (sums.of(own, "items"), sums.of(own, "shopper"))
                    for own in (rows[rows["method"] == each] for each in (method, other))
                )
                row = {
                    "against": other,
                    "by": group,
                    "segment": str(name),
                    **_as_row(resamples.difference(one, two, LEVEL)),
                }
                found.append(row)
        for column, names in (("family", families), ("kind", KINDS)):
            for name in names:
                part = slots[(slots[column] == name) & slots["bought"]]
                one, two = (
                    (sums.of(own, "bought"), shoppers)
                    for own in (part[part["method"] == each] for each in (method, other))
                )
                row = {
                    "against": other,
                    "by": column,
                    "segment": str(name),
                    **_as_row(resamples.difference(one, two, LEVEL)),
                }
                found.append(row)
    return _table(found)


def _calibration(
    slots: pd.DataFrame, segments: pd.DataFrame, contenders: Sequence[str], sums: Sums, resamples: Resamples
) -> pd.DataFrame:
    """(predicted - observed) / observed on the chosen six and the top decile, overall and by group."""
    tagged = slots.merge(segments, on=["cut", CUSTOMER_NO], how="left", validate="many_to_one").assign(
        everything=EVERYTHING
    )
    found = []
    for method in contenders:
        own = tagged[tagged["method"] == method]
        for where, mask in (("chosen six", own["chosen"]), ("top decile", own["top_decile"])):
            rows = own[mask]
            for column in ("everything", "loyalty", "kind", "cut", "family"):
                for name, part in rows.groupby(column, sort=True):
                    bought, predicted = sums.of(part, "bought"), sums.of(part, "p")
                    if column == "family" and bought.sum() < ENOUGH_BOUGHT:
                        continue
                    error = resamples.ratio(predicted - bought, bought, LEVEL)
                    about = {"method": method, "where": where, "by": column, "group": str(name)}
                    total = {"rows": len(part), "predicted": predicted.sum(), "observed": bought.sum()}
                    found.append({**about, **total, **_as_row(error)})
    return _table(found)


def _reliability(
    bins: pd.DataFrame, contenders: Sequence[str], sums: Sums, resamples: Resamples
) -> pd.DataFrame:
    """Share bought beside the mean prediction, in bins of the prediction."""
    found = []
    for (method, place), part in bins[bins["method"].isin(contenders)].groupby(["method", "bin"]):
        rows = sums.of(part, "rows")
        share = resamples.ratio(sums.of(part, "bought"), rows, LEVEL)
        predicted = part["predicted"].sum() / rows.sum()
        found.append(
            {
                "method": method,
                "bin": place,
                "rows": int(rows.sum()),
                "predicted": predicted,
                **_as_row(share),
            }
        )
    return _table(found)


def _gains(gains: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """What the best so many hundredths of the common pairs hold of all purchases, missed ones too, and their lift."""
    sums = gains.groupby(["method", "part"], as_index=False)[["rows", "bought", "wanted"]].sum()
    found = []
    for method in methods:
        own = sums[sums["method"] == method].sort_values("part")
        looked_at = own["rows"].cumsum() / own["rows"].sum()
        held = own["bought"].cumsum() / own["wanted"].clip(lower=1)
        lift = own["bought"].cumsum() / max(own["bought"].sum(), 1) / looked_at
        found.append(pd.DataFrame({"method": method, "looked_at": looked_at, "held": held, "lift": lift}))
    return pd.concat(found, ignore_index=True)


def _sources(
    found: pd.DataFrame, contenders: Sequence[str], sums: Sums, resamples: Resamples
) -> pd.DataFrame:
    """Recall of the candidates, in all and by source; `given` is the mean number of candidates a customer."""
    rows = []
    for method in contenders:
        own = found[found["method"] == method]
        wanted = sums.of(own, "wanted")
        for source in (EVERYTHING, *SOURCES):
            columns = (
                ("found", "candidates") if source == EVERYTHING else (f"from {source}", f"given {source}")
            )
            recall = resamples.ratio(sums.of(own, columns[0]), wanted, LEVEL)
            only = 0.0 if source == EVERYTHING else own[f"only {source}"].sum() / max(own["wanted"].sum(), 1)
            about = {"method": method, "source": source, "given": own[columns[1]].mean(), "only": only}
            rows.append({**about, **_as_row(recall)})
    return _table(rows)


def _first(found: pd.DataFrame, methods: Sequence[str], sums: Sums, resamples: Resamples) -> pd.DataFrame:
    """Recall of the truth among each customer's best so many candidates."""
    rows = []
    for method in methods:
        own = found[found["method"] == method]
        wanted = sums.of(own, "wanted")
        for first in FIRST:
            recall = resamples.ratio(sums.of(own, f"first {first}"), wanted, LEVEL)
            rows.append({"method": method, "first": first, **_as_row(recall)})
    return _table(rows)
