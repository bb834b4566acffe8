"""What one night looks like in numbers that a later night can be compared with; kept in the run's manifest."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Outcome
from engine.nightly.folder.run_folder import RunFolder
from models.ground.durable import write_text
from models.items.candidates import SOURCES
from models.sources import Data
from models.tables import P_BUY, P_CHURN
from models.versions.shop_likeness import Likeness

# Fixed edges, so that nights can be added up and compared; the last one is beyond 1, which belongs to its bin.
P_BUY_EDGES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.035, 0.06, 0.1, 0.2, 0.4, 1.01)
P_CHURN_EDGES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.01)
SOURCE_MASKS = 2 ** len(SOURCES)
# Customers who should have a bundle and have none.
EMPTY = (Outcome.TOO_FEW_ITEMS.value, Outcome.NO_VALUE.value, Outcome.BUDGET.value)
DUE = (*EMPTY, Outcome.BUNDLE.value, Outcome.HAS_OPEN_BUNDLE.value)

Histogram = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of something, one value a bundle; 0 where there is no bundle."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Measures:
    """One night in numbers.

    Attributes:
        model: version whose scores were used.
        likeness: the shop as the night saw it.
        unknown_product_share: of all loaded lines, set aside because the products table lacks the product.
        customers: scored customers.
        due: of these, customers who should have a bundle; `empty` of them have none.
        bundles: bundles made.
        depth_bp: mean depth of a bundle's offers.
        cost_milli: expected cost of a bundle, thousandths of a minor unit.
        p_buy: candidates by P_BUY_EDGES.
        p_churn: customers by P_CHURN_EDGES.
        sources: candidates by the bit mask of where they came from.
        empty_by_budget: of `empty`, those whose bundle is worth less than the budget's price asks.
    """

    model: str
    likeness: Likeness
    unknown_product_share: float
    customers: int
    due: int
    empty: int
    bundles: int
    depth_bp: Spread
    cost_milli: Spread
    p_buy: tuple[int, ...]
    p_churn: tuple[int, ...]
    sources: tuple[int, ...]
    empty_by_budget: int = 0  # a night of an earlier release did not count them

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        return asdict(self) | {"likeness": self.likeness.as_dict()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Measures":
        """Read what `as_dict` gave."""
        spreads = {name: Spread(**content[name]) for name in ("depth_bp", "cost_milli")}
        counts = {name: tuple(content[name]) for name in (P_BUY, P_CHURN, "sources")}
        likeness = Likeness.from_dict(dict(content["likeness"]))
        # a night of an earlier release knew fewer sources
        counts["sources"] += (0,) * (SOURCE_MASKS - len(counts["sources"]))
        return cls(**{**content, **spreads, **counts, "likeness": likeness})


def count_candidates(candidates: pd.DataFrame) -> dict[str, list[int]]:
    """Histograms of a bucket's candidates (p_buy, sources), whatever becomes of them later."""
    return {
        P_BUY: _histogram(candidates[P_BUY].to_numpy(dtype=np.float64), P_BUY_EDGES).tolist(),
        "sources": np.bincount(candidates["sources"].to_numpy(), minlength=SOURCE_MASKS).tolist(),
    }


def keep_counts(path: Path, candidates: pd.DataFrame) -> None:
    """Write a bucket's histograms whole or not at all."""
    write_text(path, json.dumps(count_candidates(candidates)))


def measure(folder: RunFolder, data: Data, likeness: Likeness, model: str) -> Measures:
    """Measure a settled night from its run folder."""
    parts = [json.loads(folder.counts(bucket).read_text(encoding="utf-8")) for bucket in range(data.buckets)]
    with duckdb.connect(config={"threads": 1}) as connection:
        outcomes = f"read_parquet('{folder.path}/outcomes/*.parquet')"
        slots = f"read_parquet('{folder.path}/slots/*.parquet')"
        counts = dict(connection.execute(f"SELECT outcome, count(*) FROM {outcomes} GROUP BY ALL").fetchall())
        p_churn = connection.execute(f"SELECT p_churn FROM {outcomes} WHERE p_churn IS NOT NULL").fetchnumpy()
        depth, depth_sd, cost, cost_sd = connection.execute(
            f"""
            SELECT avg(depth), coalesce(stddev_samp(depth), 0), avg(cost), coalesce(stddev_samp(cost), 0)
            FROM (SELECT avg(discount_bp) AS depth, sum(expected_cost_milli)::DOUBLE AS cost
                  FROM {slots} GROUP BY bundle_id ORDER BY bundle_id)
            """
        ).fetchall()[0]
    purchases = data.table_counts()["purchases"]
    return Measures(
        model=model,
        likeness=likeness,
        unknown_product_share=round(purchases.quarantined.get("unknown_product", 0) / purchases.rows, 6),
        customers=sum(counts.values()),
        due=sum(counts.get(outcome, 0) for outcome in DUE),
        empty=sum(counts.get(outcome, 0) for outcome in EMPTY),
        bundles=counts.get(Outcome.BUNDLE.value, 0),
        depth_bp=Spread(round(depth or 0.0, 2), round(depth_sd, 2)),
        cost_milli=Spread(round(cost or 0.0, 2), round(cost_sd, 2)),
        p_buy=_summed(part[P_BUY] for part in parts),
        p_churn=tuple(_histogram(np.asarray(p_churn[P_CHURN]), P_CHURN_EDGES).tolist()),
        sources=_summed(part["sources"] for part in parts),
        empty_by_budget=counts.get(Outcome.BUDGET.value, 0),
    )


def _histogram(values: npt.NDArray[np.float64], edges: tuple[float, ...]) -> Histogram:
    return np.histogram(values, bins=np.array(edges))[0].astype(np.int64)


def _summed(parts: Iterable[list[int]]) -> tuple[int, ...]:
    return tuple(sum(numbers) for numbers in zip(*parts, strict=True))
