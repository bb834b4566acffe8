"""The response that a workspace's purchases tell, counted bucket by bucket within bounded memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd

from models.ground.moment import Moment
from models.ground.progress import Progress
from models.response.price_response import PriceResponse, families_of
from models.running.cluster import map_buckets
from models.sources import Data
from models.sources.stored.netting import make_standing
from models.tables import COST_MINOR, PRODUCT_ID, PRODUCT_NO
from models.versions.response_versions import ResponseManifest
from training.fitting.response.promotion_weekday import best_shift, price_moments
from training.fitting.response.purchase_cells import DAYS_A_WEEK, CellSetting, PurchaseCells, count_bought
from training.fitting.response.shop_response import (
    BLOCK_WEEKS,
    TRAINING_WEEKS,
    ResponseTold,
    response_of_cells,
)

LOOKED_AT = 500  # products whose prices say when weeks begin
MOST_WEEKS = 104  # older promotions were another shop's
MOST_PRODUCTS = 5_000  # the most bought: they bound the memory, and hardly another one sells every week
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Reading:
    """How purchases are read: before a moment, days counted from the first of `weeks` that end `late` days before it."""

    as_of: Moment
    about: pd.DataFrame
    weeks: int
    late: int = 0


def fit_response(
    data: Data, as_of: Moment, jobs: int, progress: Progress
) -> tuple[ResponseManifest, PriceResponse]:
    """The response as of a moment and what a person wants to know of it, ready to publish."""
    told = learn_response(data, as_of, jobs, progress)
    counted = {"weeks": told.weeks, "products": told.products, "promoted_weeks": told.promoted_weeks}
    manifest = ResponseManifest(
        as_of=as_of.as_of,
        data={"fingerprint": data.fingerprint, **counted},
        code=installed_version("abonement"),
        metrics=told.metrics,
        notes=told.notes,
    )
    return manifest, told.response


def learn_response(data: Data, as_of: Moment, jobs: int, progress: Progress) -> ResponseTold:
    """The response that purchases before a moment tell, in weeks that begin when promotions do."""
    products = pd.read_parquet(data.products)
    products = products[products["merchandise"]]
    codes, families = pd.factorize(pd.Series(families_of(products), dtype=object), sort=True)
    about = pd.DataFrame(
        {
            "product": products[PRODUCT_NO].to_numpy(),
            "family": codes,
            "cost_minor": products[COST_MINOR].astype("float64").fillna(0.0).to_numpy(),
        }
    )
    ids = dict(zip(products[PRODUCT_NO].tolist(), products[PRODUCT_ID].tolist(), strict=True))
    buckets = [data.purchases(bucket) for bucket in range(data.buckets)]
    reading = _Reading(as_of, about, 0)
    sold = _each(lines_a_product, buckets, (reading,), jobs, "counting products", progress)
    most = (
        pd.concat(sold)
        .groupby("product")["lines"]
        .sum()
        .sort_index()
        .nlargest(MOST_PRODUCTS)
        .index.to_series()
    )
    looked_at = (reading, most.head(LOOKED_AT))
    late = (
        -best_shift(list(_each(bucket_prices, buckets, looked_at, jobs, "finding weeks", progress)))
        % DAYS_A_WEEK
    )
    days = [day for day in data.days() if day < as_of.day]
    span = (as_of.day - min(days)).days - late if days else 0
    setting = CellSetting(min(span // DAYS_A_WEEK, MOST_WEEKS), TRAINING_WEEKS, BLOCK_WEEKS)
    of_weeks = (replace(reading, weeks=setting.weeks, late=late), setting, most)
    counted = reduce(
        PurchaseCells.plus, _each(count_bucket, buckets, of_weeks, jobs, "counting promoted weeks", progress)
    )
    return response_of_cells(counted, setting, families.tolist(), ids)


def _each(
    step: Callable[..., Result],
    buckets: list[Path],
    arguments: tuple[Any, ...],
    jobs: int,
    what: str,
    progress: Progress,
) -> Iterator[Result]:
    tasks = [(purchases, *arguments) for purchases in buckets]
    return map_buckets(step, tasks, jobs=jobs, what=what, progress=progress)


def lines_a_product(purchases: Path, reading: _Reading) -> pd.DataFrame:
    """How many lines of each product one bucket bought: product, lines."""
    with _opened(purchases, reading) as connection:
        return connection.execute("SELECT product, count(*) AS lines FROM bought GROUP BY product").df()


def bucket_prices(purchases: Path, reading: _Reading, products: pd.Series) -> pd.DataFrame:
    """What `best_shift` needs of one bucket."""
    with _opened(purchases, reading) as connection:
        return price_moments(connection, products)


def count_bucket(
    purchases: Path, reading: _Reading, setting: CellSetting, products: pd.Series
) -> PurchaseCells:
    """The counts of one bucket's customers."""
    with _opened(purchases, reading) as connection:
        return count_bought(connection, setting, products)


@contextmanager
def _opened(purchases: Path, reading: _Reading) -> Iterator[duckdb.DuckDBPyConnection]:
    """One bucket's purchases as the relation `bought`."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        make_standing(
            connection, purchases, f"purchased_at < TIMESTAMPTZ '{reading.as_of.as_of.isoformat()}'"
        )
        connection.register("about", reading.about)
        ahead = DAYS_A_WEEK * reading.weeks + reading.late
        connection.execute(
            f"""
            CREATE VIEW bought AS
            SELECT customer_no AS customer, product, family,
                date_diff('day', DATE '{reading.as_of.day.isoformat()}', local_day)::INTEGER + {ahead} AS day,
                quantity_milli / 1000.0 AS units,
                paid_minor + discount_minor AS list_minor,
                discount_minor AS off_minor,
                paid_minor + discount_minor - cost_minor * quantity_milli / 1000.0 AS margin_minor
            FROM standing JOIN about ON product = product_no
            """
        )
        yield connection
