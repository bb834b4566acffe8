from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest

from engine.nightly.folder.run_folder import write_parquet
from engine.nightly.folder.workspace_erasure import erase_waiting
from engine.nightly.run_differences import NotReproduced
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.access.customer_erasure import erase_customer, waiting_erasures
from engine.store.nights.login_views import customers_with_offers
from models.ground.errors import BadInput
from models.sources import open_data
from models.versions import registry
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)
RUN = f"{FIRST_NIGHT}.1"


@pytest.fixture
def workspace(shop_after_a_night: Path, tmp_path: Path) -> Path:
    return Path(copytree(shop_after_a_night, tmp_path / "workspace"))


@pytest.fixture
def store(workspace: Path) -> Iterator[Store]:
    opened = open_store(store_url_in(workspace))
    yield opened
    opened.close()


def erase(workspace: Path, store: Store) -> str:
    """Erase a customer who has a bundle, and return their id."""
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    with store.writing(customer_id) as connection:
        erase_customer(connection, customer_id, now=NOON)
    assert erase_waiting(workspace, store, now=NOON).customers == 1
    return customer_id


def naming(workspace: Path, customer_id: str) -> list[str]:
    """Files of the workspace, but for the shop's own, in which a customer stands."""
    found = []
    for path in sorted(workspace.rglob("*")):
        if not path.is_file() or path.is_relative_to(workspace / "shop"):
            continue
        text = (
            pd.read_parquet(path).to_csv()
            if path.suffix == ".parquet"
            else path.read_text(encoding="latin-1")
        )
        if customer_id in text:
            found.append(path.relative_to(workspace).as_posix())
    return found


def purchases(workspace: Path) -> pd.DataFrame:
    """All purchases with their customers' ids."""
    data = open_data(workspace)
    parts = [
        pd.read_parquet(data.purchases(bucket)).merge(
            pd.read_parquet(data.customers(bucket)), on="customer_no"
        )
        for bucket in range(data.buckets)
    ]
    columns = ["customer_id", "purchased_at", "basket_id", "product_no", "quantity_milli", "paid_minor"]
    return pd.concat(parts)[columns].sort_values(columns, ignore_index=True)


def test_no_file_of_the_workspace_names_them(workspace: Path, store: Store) -> None:
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    assert len(naming(workspace, customer_id)) >= 4  # store, purchases' customers, slots, outcomes
    assert erase(workspace, store) == customer_id
    assert naming(workspace, customer_id) == []


def test_everybody_elses_purchases_stay_as_they_were(workspace: Path, store: Store) -> None:
    before = purchases(workspace)
    customer_id = erase(workspace, store)
    expected = before[before["customer_id"] != customer_id].reset_index(drop=True)
    assert 0 < len(expected) < len(before)
    pd.testing.assert_frame_equal(purchases(workspace), expected)


def test_the_load_without_them_is_sound(workspace: Path, store: Store) -> None:
    before = open_data(workspace)
    erase(workspace, store)
    data = open_data(workspace)
    data.verify()
    assert (data.customers_total, data.lines) == (before.customers_total - 1, len(purchases(workspace)))
    assert data.load_id != before.load_id
    assert not before.folder.exists()


def test_a_run_is_verified_but_for_them(workspace: Path, store: Store) -> None:
    erase(workspace, store)
    proof = verify(workspace, RUN, store, jobs=1, progress=silent)
    assert proof.excused == 1
    assert proof.stored == proof.bundles > 0


def test_a_run_that_was_changed_is_not_excused(workspace: Path, store: Store) -> None:
    erase(workspace, store)
    file = next((workspace / "runs" / RUN / "slots").glob("*.parquet"))
    slots = pd.read_parquet(file)
    slots.assign(discount_bp=5000).to_parquet(file, index=False)
    with pytest.raises(NotReproduced, match="was changed after the run"):
        verify(workspace, RUN, store, jobs=1, progress=silent)


def test_the_next_night_runs_without_them(workspace: Path, store: Store) -> None:
    customer_id = erase(workspace, store)
    assert night(workspace, SECOND_NIGHT).manifest["result"]["bundles"] > 0
    assert customer_id not in customers_with_offers(store, NOON, limit=10_000)


def test_an_erasure_that_was_killed_is_done_again(
    workspace: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    with store.writing(customer_id) as connection:
        erase_customer(connection, customer_id, now=NOON)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("engine.nightly.folder.workspace_erasure._erase_from_runs", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_waiting(workspace, store, now=NOON)
    assert waiting_erasures(store) == (customer_id,)
    done = erase_waiting(workspace, store, now=NOON)
    assert (done.customers, done.runs, waiting_erasures(store)) == (1, (RUN,), ())


@pytest.mark.parametrize("files_written", [0, 1, 2])
def test_an_erasure_that_was_killed_among_a_runs_files_counts_everybody_it_took(
    workspace: Path, store: Store, monkeypatch: pytest.MonkeyPatch, files_written: int
) -> None:
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    with store.writing(customer_id) as connection:
        erase_customer(connection, customer_id, now=NOON)
    written: list[Path] = []

    def killed(path: Path, frame: pd.DataFrame) -> None:
        if len(written) == files_written:
            raise KeyboardInterrupt
        write_parquet(path, frame)
        written.append(path)

    with monkeypatch.context() as broken:
        broken.setattr("engine.nightly.folder.workspace_erasure.write_parquet", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_waiting(workspace, store, now=NOON)
    with pytest.raises(BadInput, match=r"`abonement erase --workspace .*` finishes it; then verify again\."):
        verify(workspace, RUN, store, jobs=1, progress=silent)
    erase_waiting(workspace, store, now=NOON)
    assert naming(workspace, customer_id) == []
    assert verify(workspace, RUN, store, jobs=1, progress=silent).excused == 1


@pytest.mark.parametrize(
    "step",
    [
        "engine.nightly.folder.workspace_erasure.keep_manifest",
        "engine.nightly.folder.workspace_erasure.finish_erasures",
        "engine.nightly.folder.workspace_erasure._erase_from_runs",
    ],
)
def test_an_erasure_that_was_killed_between_its_steps_counts_nobody_twice(
    workspace: Path, store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    with store.writing(customer_id) as connection:
        erase_customer(connection, customer_id, now=NOON)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(step, killed)
        with pytest.raises(KeyboardInterrupt):
            erase_waiting(workspace, store, now=NOON)
    erase_waiting(workspace, store, now=NOON)
    proof = verify(workspace, RUN, store, jobs=1, progress=silent)
    assert (proof.excused, proof.pruned) == (1, 0)


def test_an_unfinished_night_that_read_them_begins_anew(workspace: Path, store: Store) -> None:
    (workspace / "runs" / RUN / "manifest.json").unlink()
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    with store.writing(customer_id) as connection:
        erase_customer(connection, customer_id, now=NOON)
    assert erase_waiting(workspace, store, now=NOON).discarded == (RUN,)


def test_a_model_version_that_names_them_is_to_be_fitted_again(workspace: Path, store: Store) -> None:
    folder = registry.registry_folder(workspace)
    (version,) = registry.versions(folder)
    (customer_id,) = customers_with_offers(store, NOON, limit=1)
    sample = pd.DataFrame({"customer_id": [customer_id], "item_no": [1]})
    sample.to_parquet(folder / "versions" / version / "sample.parquet", index=False)
    assert registry.versions_naming(folder, [customer_id]) == (version,)
    assert registry.versions_naming(folder, ["nobody"]) == ()


def test_without_anybody_waiting_nothing_is_written(workspace: Path, store: Store) -> None:
    before = open_data(workspace).load_id
    assert erase_waiting(workspace, store, now=NOON).customers == 0
    assert open_data(workspace).load_id == before
