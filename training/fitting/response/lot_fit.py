"""What a workspace's lots have taught, bucket by bucket: rhythm and usual visits before the first night, then sums over windows.

Only sums leave a bucket, so that memory is bounded by its customers, and the result depends neither on jobs nor on order.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.features.catalogue import PRODUCT_LEVEL, build_catalogue
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.response.bundle_traces import BundleTraces
from models.response.customer_rates import shrunk_means
from models.response.exposed_weeks import ExposedWeek, LotSums, WeekMoments
from models.response.visit_hazard import LEARNT_DAYS, RATE_DAYS, VisitHazard
from models.running.cluster import map_buckets
from models.sources import Data
from models.sources.stored.netting import make_standing
from models.tables import COST_MINOR, CUSTOMER_ID, CUSTOMER_NO, FAMILY_LEVELS, ITEM_ID, ITEM_NO, PRODUCT_NO
from training.fitting.response.logged_lots import LoggedBundles, LoggedNight, bundles_of

RHYTHM_CUSTOMERS = 5_000  # whose days tell the rhythm: it has a dozen coefficients
ASSUMED_MARGIN = 0.3  # of what is paid, where no cost is known: the shipped programme's
LEAST_OF_MEAN = 0.2  # of the shop's visit: nobody's is worth less, by which their money is divided
MOST_MONEY = 4.0  # of a usual visit: one large basket tells no more than this
_EPOCH = "DATE '1970-01-01'"

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LotsTold:
    """What lots told: the mean visit's margin, the rhythm, and the sums of all windows that have ended."""

    visit_minor: float
    hazard: VisitHazard | None
    sums: LotSums
    nights: int


@dataclass(frozen=True)
class _Bucket:
    """One bucket's files and number."""

    number: int
    purchases: Path
    customers: Path


@dataclass(frozen=True)
class _Before:
    """A bucket's customers before a day: sums of their visits' margin, its square, how many; days of some on which they came."""

    total: Doubles
    square: Doubles
    visits: Doubles
    came: npt.NDArray[np.bool_]


def learn_lots(
    data: Data, nights: list[LoggedNight], as_of: Moment, jobs: int, progress: Progress
) -> LotsTold:
    """What purchases before a moment and the nights before it tell of visits."""
    start = Moment(nights[0].as_of, as_of.timezone) if nights else as_of
    products = pd.read_parquet(data.products)
    buckets = [
        _Bucket(bucket, data.purchases(bucket), data.customers(bucket)) for bucket in range(data.buckets)
    ]
    sample = max(RHYTHM_CUSTOMERS // data.buckets, 1)
    cost = products.set_index(PRODUCT_NO)[COST_MINOR].astype("float64")
    seen = list(
        map_buckets(
            bucket_before,
            [(bucket, start, cost, sample) for bucket in buckets],
            jobs=jobs,
            what="learning rhythms",
            progress=progress,
        )
    )
    sums = [np.concatenate([getattr(one, name) for one in seen]) for name in ("total", "square", "visits")]
    if not (sums[2] > 0).any():
        return LotsTold(1.0, None, LotSums.nothing(), 0)
    usual = shrunk_means(*sums)
    hazard = _rhythm([one.came for one in seen])
    least = max(LEAST_OF_MEAN * usual.centre, 1.0)
    edges = np.cumsum([len(one.total) for one in seen])[:-1]
    theirs = np.split(np.maximum(usual.mean, least), edges)
    offered = _products_of(products) if nights else pd.DataFrame()
    tasks = [
        (bucket, data.buckets, nights, start, as_of, cost, offered, minor, hazard)
        for bucket, minor in zip(buckets, theirs, strict=True)
    ]
    weeks: dict[int, WeekMoments] = {}
    if nights:
        for told in map_buckets(
            bucket_moments, tasks, jobs=jobs, what="learning from lots", progress=progress
        ):
            for night, moments in told.items():
                weeks[night] = weeks[night].plus(moments) if night in weeks else moments
    learnt = LotSums.nothing()
    for _, week in sorted(weeks.items()):
        learnt = learnt.plus_moments(week)
    return LotsTold(max(usual.centre, 1.0), hazard, learnt, len(weeks))


def _products_of(products: pd.DataFrame) -> pd.DataFrame:
    """item_id and product_no: what an offer on an item is an offer on, whatever level it is of."""
    found = []
    for level in (PRODUCT_LEVEL, *FAMILY_LEVELS):
        if level != PRODUCT_LEVEL and not products[level].notna().any():
            continue
        catalogue = build_catalogue(products, level)
        pairs = catalogue.product_items.dropna()
        names = catalogue.items[ITEM_ID].to_numpy()[pairs[ITEM_NO].to_numpy(np.int64)]
        found.append(pd.DataFrame({ITEM_ID: names, PRODUCT_NO: pairs[PRODUCT_NO].to_numpy(np.int64)}))
    return pd.concat(found, ignore_index=True).drop_duplicates()


def _rhythm(came: list[npt.NDArray[np.bool_]]) -> VisitHazard | None:
    days = max(one.shape[1] for one in came)
    whole = [np.pad(one, ((0, 0), (days - one.shape[1], 0))) for one in came]
    try:
        return VisitHazard.fit(np.concatenate(whole))
    except ValueError:
        return None


def bucket_before(bucket: _Bucket, start: Moment, cost: "pd.Series[Any]", sample: int) -> _Before:
    """A bucket's customers before a moment."""
    people = len(pd.read_parquet(bucket.customers, columns=[CUSTOMER_NO]))
    today = _day_no(start)
    lines = _lines(bucket, start, today - RATE_DAYS - LEARNT_DAYS, cost)
    late = lines[lines["day"] >= today - RATE_DAYS]
    visits = late.groupby([CUSTOMER_NO, "day"])["margin"].sum()
    of = visits.index.get_level_values(0).to_numpy(np.int64)
    chosen = np.arange(min(sample, people))  # a customer's number is their place among hashed names
    earliest = max(today - RATE_DAYS - LEARNT_DAYS, int(lines["day"].min()) if len(lines) else today)
    came = _came(lines, len(chosen), earliest, today)
    values = visits.to_numpy(np.float64)
    return _Before(
        _sums(of, values, people),
        _sums(of, values**2, people),
        np.bincount(of, minlength=people).astype(np.float64),
        came,
    )


def bucket_moments(
    bucket: _Bucket,
    buckets: int,
    nights: list[LoggedNight],
    start: Moment,
    as_of: Moment,
    cost: "pd.Series[Any]",
    products: pd.DataFrame,
    usual_minor: Doubles,
    hazard: VisitHazard | None,
) -> dict[int, WeekMoments]:
    """Moments of one bucket's customers by the place of the night."""
    people = pd.read_parquet(bucket.customers, columns=[CUSTOMER_NO, CUSTOMER_ID])
    row = dict(zip(people[CUSTOMER_ID], people[CUSTOMER_NO].astype(int), strict=True))
    earliest, today = _day_no(start) - RATE_DAYS, _day_no(as_of)
    lines = _lines(bucket, as_of, earliest, cost)
    days = _Days.of(_came(lines, len(people), earliest, today), earliest)
    traces = BundleTraces.none(len(people))
    found = {}
    for place, night in enumerate(nights):
        bundles = bundles_of(night, bucket.number, buckets, set(row), as_of)
        if bundles is not None:
            rows = np.array([row[name] for name in bundles.customer_id], dtype=np.int64)
            money = _money(bundles, rows, lines, products, usual_minor)
            trace, usual_trace = traces.at(rows, bundles.starts)
            traces.leave(rows, bundles.starts, bundles.ends, bundles.exposed, bundles.chance)
            found[place] = WeekMoments.of(
                ExposedWeek(
                    bundles.doses,
                    bundles.chance,
                    bundles.exposed,
                    days.expected(rows, bundles, hazard),
                    days.visits(rows, bundles),
                    money,
                    trace,
                    usual_trace,
                )
            )
    return found


@dataclass(frozen=True)
class _Days:
    """Days on which customers came, from day `first` on: how many before each, and the last one before it; (n, days + 1)."""

    first: int
    before: Ints
    last: Ints

    @classmethod
    def of(cls, came: npt.NDArray[np.bool_], first: int) -> "_Days":
        nothing = np.zeros((len(came), 1), dtype=np.int64)
        place = np.where(came, np.arange(came.shape[1]), -1)
        never = nothing - 1
        return cls(
            first,
            np.concatenate([nothing, came.cumsum(axis=1)], axis=1),
            np.concatenate([never, np.maximum.accumulate(place, axis=1)], axis=1),
        )

    def visits(self, rows: Ints, bundles: LoggedBundles) -> Doubles:
        """(n,) days of the windows on which they came."""
        starts, ends = bundles.starts - self.first, bundles.ends - self.first
        return np.asarray(self.before[rows, ends] - self.before[rows, starts], dtype=np.float64)

    def expected(self, rows: Ints, bundles: LoggedBundles, hazard: VisitHazard | None) -> Doubles:
        """(n,) visits of the windows by the rhythm of the time before, else by the rate alone."""
        starts, ends = bundles.starts - self.first, bundles.ends - self.first
        rate = (self.before[rows, starts] - self.before[rows, starts - RATE_DAYS]) / RATE_DAYS
        if hazard is None:
            return np.asarray(rate * (ends - starts), dtype=np.float64)
        found = np.zeros(len(rows))
        for ahead in range(int((ends - starts).max())):
            day = np.minimum(starts + ahead, ends - 1)
            chance = hazard.chance(rate, day - self.last[rows, day])
            found += np.where(starts + ahead < ends, chance, 0.0)
        return found


def _money(
    bundles: LoggedBundles, rows: Ints, lines: pd.DataFrame, products: pd.DataFrame, usual_minor: Doubles
) -> Doubles:
    """(n,) margin of the windows' visits beside the bundle, as shares of the customer's usual visit, each visit bounded."""
    place = pd.DataFrame(
        {
            CUSTOMER_ID: bundles.customer_id,
            CUSTOMER_NO: rows,
            "place": np.arange(len(rows)),
            "s": bundles.starts,
            "e": bundles.ends,
        }
    )
    offered = bundles.items.merge(products, on=ITEM_ID).merge(
        place[[CUSTOMER_ID, CUSTOMER_NO]], on=CUSTOMER_ID
    )
    within = lines.merge(place.drop(columns=CUSTOMER_ID), on=CUSTOMER_NO)
    within = within[(within["day"] >= within["s"]) & (within["day"] < within["e"])]
    pairs = offered[[CUSTOMER_NO, PRODUCT_NO]].drop_duplicates().assign(offered=True)
    within = within.merge(pairs, on=[CUSTOMER_NO, PRODUCT_NO], how="left")
    beside = within["margin"].where(within["offered"].isna(), 0.0)
    share = beside.groupby([within["place"], within["day"]]).sum()
    of = share.index.get_level_values(0).to_numpy(np.int64)
    clipped = np.clip(share.to_numpy(np.float64) / usual_minor[rows[of]], -1.0, MOST_MONEY)
    return _sums(of, clipped, len(rows))


def _sums(of: Ints, values: Doubles, people: int) -> Doubles:
    return np.bincount(of, values, minlength=people).astype(np.float64)


def _lines(bucket: _Bucket, before: Moment, earliest: int, cost: "pd.Series[Any]") -> pd.DataFrame:
    """customer_no, product_no, day and margin of what stands of a bucket's lines before a moment."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        make_standing(
            connection, bucket.purchases, f"purchased_at < TIMESTAMPTZ '{before.as_of.isoformat()}'"
        )
        connection.register("costs", pd.DataFrame({"product_no": cost.index, "cost_minor": cost.to_numpy()}))
        lines = connection.execute(
            f"""
            SELECT customer_no, product_no, date_diff('day', {_EPOCH}, local_day)::BIGINT AS day,
                sum(CASE WHEN cost_minor IS NULL OR isnan(cost_minor) THEN paid_minor * {ASSUMED_MARGIN}
                    ELSE paid_minor - cost_minor * quantity_milli / 1000.0 END)::DOUBLE AS margin
            FROM standing LEFT JOIN costs USING (product_no)
            WHERE date_diff('day', {_EPOCH}, local_day) >= {earliest}
            GROUP BY ALL ORDER BY ALL
            """
        ).df()
    return lines.astype({CUSTOMER_NO: "int64", PRODUCT_NO: "int64"})


def _came(lines: pd.DataFrame, people: int, first: int, end: int) -> npt.NDArray[np.bool_]:
    """(people, end - first) days on which the first so many customers came."""
    came = np.zeros((people, max(end - first, 0)), dtype=np.bool_)
    # a moment within a day has seen some of it: an unfinished day tells no rhythm
    theirs = lines[(lines[CUSTOMER_NO] < people) & (lines["day"] < end)]
    came[theirs[CUSTOMER_NO].to_numpy(), theirs["day"].to_numpy() - first] = True
    return came


def _day_no(moment: Moment) -> int:
    return int(np.datetime64(moment.day, "D").astype(np.int64))
