"""The response that a workspace's purchases tell, counted bucket by bucket within bounded memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd

from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.response.exposure import Exposure, exposure_of, spent_by_night
from models.response.learnt_response import LearntResponse
from models.response.price_response import families_of
from models.response.visit_effects import COEFFICIENTS, VisitEffects
from models.running.cluster import map_buckets
from models.sources import Data
from models.sources.stored.netting import make_standing
from models.tables import COST_MINOR, PRODUCT_ID, PRODUCT_NO
from models.versions.response_versions import ResponseManifest, open_response_version, response_folder
from training.fitting.response.logged_lots import LoggedNight, logged_nights
from training.fitting.response.lot_fit import learn_lots
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
NO_RHYTHM = "The rhythm of visits is each customer's mean rate: telling it by the days since the last visit needs 25 weeks of purchases."
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Reading:
    """How purchases are read: before a moment, days counted from the first of `weeks` that end `late` days before it."""

    as_of: Moment
    about: pd.DataFrame
    weeks: int
    late: int = 0


def fit_response(
    workspace: Path, data: Data, as_of: Moment, jobs: int, progress: Progress
) -> tuple[ResponseManifest, LearntResponse]:
    """The response as of a moment and what a person wants to know of it, ready to publish.

    A function of the data, of the logs of nights before the moment and of the moment: fitted again it is the same.

    Raises:
        BadInput: nothing was bought before the moment, or a night's log cannot be read.
        BadArtifact: the first such night was told of a version that is gone or damaged.
    """
    told = learn_response(data, as_of, jobs, progress)
    nights = logged_nights(workspace, as_of)
    lots = learn_lots(data, nights, as_of, jobs, progress)
    # Doses were counted by the trip that the first night was told of, and are compared by no other.
    prior = (
        open_response_version(response_folder(workspace), nights[0].response).prior
        if nights
        else VisitEffects.prior(lots.visit_minor)
    )
    learnt = LearntResponse(told.response, prior, lots.sums, lots.hazard, None)
    done = [night.learning for night in nights]
    states = (
        [
            replace(spent, state=night.exposure.state, most=night.exposure.most, shares=night.exposure.shares)
            for spent, night in zip(spent_by_night(nights[0].exposure, done), nights, strict=False)
        ]
        if nights
        else []
    )
    if nights:
        states.append(exposure_of(nights[0].exposure, done, learnt.effects, as_of.day))
        learnt = replace(learnt, exposure=states[-1])
    counted = {"weeks": told.weeks, "products": told.products, "promoted_weeks": told.promoted_weeks}
    no_rhythm = () if lots.hazard else (NO_RHYTHM,)
    manifest = ResponseManifest(
        as_of=as_of.as_of,
        data={
            "fingerprint": data.fingerprint,
            **counted,
            "lot_nights": lots.nights,
            "learning": _by_night(nights, states),
        },
        code=installed_version("abonement"),
        metrics=told.metrics | visit_metrics(learnt),
        notes=(*told.notes, *no_rhythm),
    )
    return manifest, learnt


def _by_night(nights: list[LoggedNight], states: list[Exposure]) -> list[dict[str, Any]]:
    """Where learning stood before each night, and after the last."""
    names = [night.learning.night for night in nights] + ["next"]
    return [
        {
            "night": name,
            "state": state.state.value,
            "share": state.most,
            "shares": list(state.shares),
            "spent_minor": state.reckoned_minor,
            "sum_minor": state.sum_minor,
        }
        for name, state in zip(names, states, strict=False)
    ]


def visit_metrics(learnt: LearntResponse) -> dict[str, float]:
    """What is believed of savings and visits, with errors: log hazard at a dose of 1, and minor units."""
    effects = learnt.effects
    errors = np.sqrt(np.diag(np.array(effects.covariance)))
    told: dict[str, float] = {}
    for name, mean, error in zip(COEFFICIENTS, effects.mean, errors.tolist(), strict=True):
        told[f"visits_{name}"] = mean
        told[f"visits_{name}_error"] = error
    return told | {
        "trip_minor": effects.trip_minor,
        "brought_visit_minor": effects.brought * effects.trip_minor,
        "brought_visit_minor_error": effects.brought_sd * effects.trip_minor,
    }


def learn_response(data: Data, as_of: Moment, jobs: int, progress: Progress) -> ResponseTold:
    """The response that purchases before a moment tell, in weeks that begin when promotions do.

    Raises:
        BadInput: nothing was bought before it.
    """
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
    sold = pd.concat(_each(lines_a_product, buckets, (reading,), jobs, "counting products", progress))
    if sold.empty:
        raise BadInput(
            f"Nothing was bought before {as_of.as_of.isoformat()}; choose a later --as-of or load earlier data."
        )
    most = sold.groupby("product")["lines"].sum().sort_index().nlargest(MOST_PRODUCTS).index.to_series()
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
