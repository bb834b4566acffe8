"""A small shop whose nights go the production way, and the ways in which its files can go wrong."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from engine.nightly.choosing.policy import Policy
from engine.nightly.run import NightResult, run
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.wording.language_files import OwnWording
from models import sources
from models.ground.moment import Moment, local_midnight, parse_moment
from models.ground.progress import Progress
from models.versions import registry
from tests.shop import write_shop
from training.fitting.fit import fit
from training.fitting.fit_profile import FitProfile

FIRST_NIGHT, SECOND_NIGHT = "2024-03-31", "2024-04-07"
Change = Callable[[pd.DataFrame], pd.DataFrame]


def silent(_what: str, _done: int, _total: int) -> None:
    """No progress."""


def open_shop(workspace: Path, *, seed: int = 3, profile: FitProfile | None = None) -> None:
    """Write a shop's files, load them and fit its model, by the shipped profile unless another is given."""
    write_shop(workspace / "shop", customers=60, products=60, days=150, seed=seed, last_day=date(2024, 4, 6))
    load(workspace)
    fit_model(workspace, parse_moment(FIRST_NIGHT, "UTC"), profile)


def load(workspace: Path) -> None:
    sources.load(workspace / "shop", workspace, buckets=2)


def fit_model(workspace: Path, as_of: Moment, profile: FitProfile | None = None) -> None:
    fitted = fit(sources.open_data(workspace), as_of, "product", profile or FitProfile(), 1, silent)
    folder = registry.registry_folder(workspace)
    version = registry.publish(
        folder, fitted.manifest, fitted.rhythm, fitted.affinity, fitted.churn, fitted.lifetime
    )
    registry.promote(folder, version)


def with_rotation(keys: str | None, text: str | None = None) -> str:
    """A programme, the shipped one by default, with other keys in [rotation], or without the section."""
    before, mark, after = (text or programme_text()).partition("\n[rotation]")
    rest = "\n[" + after.partition("\n[")[2] if mark else ""
    return before + rest + ("" if keys is None else f"\n[rotation]\n{keys}\n")


def stop_at(step: str) -> Progress:
    """A progress that interrupts the night as soon as it tells of a step."""

    def progress(what: str, _done: int, _total: int) -> None:
        if what == step:
            raise KeyboardInterrupt

    return progress


def night(
    workspace: Path,
    day: str,
    accepted: Collection[str] = (),
    *,
    progress: Progress = silent,
    policy: Policy | None = None,
    rules: str = "",
    language: str = "en",
    wording: OwnWording | None = None,
    programme: str | None = None,
    tell_learning: Callable[[dict[str, Any]], object] = bool,
) -> NightResult:
    """Run and publish a night; `rules` are sections beside those of the programme, the shipped one in `language`."""
    store = open_store(store_url_in(workspace))
    try:
        return run(
            workspace,
            local_midnight(date.fromisoformat(day), "UTC"),
            (programme or programme_text().replace('"en"', f'"{language}"')) + rules,
            store,
            now=datetime(2024, 4, 8, tzinfo=UTC),
            jobs=1,
            progress=progress,
            policy=policy,
            wording=wording,
            accepted=accepted,
            tell_learning=tell_learning,
        )
    finally:
        store.close()


def change(workspace: Path, table: str, how: Change) -> None:
    """Rewrite one of the shop's files and load it all again."""
    path = workspace / "shop" / f"{table}.parquet"
    how(pd.read_parquet(path)).to_parquet(path, index=False)
    load(workspace)


def without_last_days(purchases: pd.DataFrame, days: int) -> pd.DataFrame:
    end = pd.Timestamp(SECOND_NIGHT, tz="UTC") - timedelta(days=days)
    return purchases[purchases["purchased_at"] < end]


def doubled(purchases: pd.DataFrame) -> pd.DataFrame:
    """The same lines once more under other basket numbers, so that no key shows it."""
    again = purchases.assign(basket_id="again-" + purchases["basket_id"])
    return pd.concat([purchases, again], ignore_index=True)


def renamed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(product_id="new-" + frame["product_id"])


def dearer(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame.assign(**{column: frame[column] * 100 for column in columns})
