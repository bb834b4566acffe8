"""Who is held out stays held out: no edit of the programme and no news of a customer draws anybody anew."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import delete, select, update

from engine.commands.night_summary import night_summary
from engine.domain.offer_errors import BadProgramme
from engine.nightly.folder.run_folder import RunFolder
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.kept_experiments import all_experiments
from engine.store.schema.experiment_tables import assignments, experiments
from engine.store.schema.product_tables import shelves
from models.ground.exit_codes import exit_code_of
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, Change, change, night

pytestmark = pytest.mark.long

SHIPPED = programme_text()
OTHER_SEED = SHIPPED.replace("seed = 20171204", "seed = 7")
NOBODY_HELD_OUT = SHIPPED.replace("share = 0.10 ", "share = 0 ")
OTHER_SALT = SHIPPED.replace('# salt = "20171204/arms"', 'salt = "spring"')
LARGER = SHIPPED.replace("share = 0.10 ", "share = 0.20 ")
# The shop's two nights are a week apart, below the shortest time that a programme may say.
ROTATING = SHIPPED.replace("# rotate_days = 364", "rotate_days = 28")


def arms(workspace: Path, run: str) -> dict[str, str]:
    """Everybody's arm in a run, as the night wrote it."""
    files = sorted((RunFolder.of(workspace, run).path / "people").glob("*.parquet"))
    people = pd.concat([pd.read_parquet(file) for file in files])
    return dict(zip(people["customer_id"], people["arm"], strict=True))


def forget_what_is_kept(workspace: Path) -> None:
    """The store as an earlier release left it: no holdout is kept, arms come from the published seed."""
    store = open_store(store_url_in(workspace))
    with store.writing() as connection:
        connection.execute(update(shelves).values(holdout_no=None))
        for table in (assignments, experiments):
            connection.execute(delete(table))
    store.close()


def in_households(names: Collection[str], household: str) -> Change:
    """Let the named customers be one household."""

    def changed(customers: pd.DataFrame) -> pd.DataFrame:
        mine = customers["customer_id"].isin(list(names))
        return customers.assign(household_id=pd.Series(household, customers.index).where(mine, None))

    return changed


def test_another_seed_draws_nobody_anew(lived_shop: Path) -> None:
    run = night(lived_shop, SECOND_NIGHT, programme=OTHER_SEED)
    assert arms(lived_shop, run.run_id) == arms(lived_shop, f"{FIRST_NIGHT}.1")


def test_a_shop_that_comes_from_an_earlier_release_keeps_its_arms(lived_shop: Path) -> None:
    forget_what_is_kept(lived_shop)
    before = arms(lived_shop, f"{FIRST_NIGHT}.1")
    change(lived_shop, "customers", in_households(list(before)[:40], "h1"))
    run = night(lived_shop, SECOND_NIGHT, programme=OTHER_SEED)
    assert arms(lived_shop, run.run_id) == before


@pytest.mark.parametrize(
    ("programme", "says", "again"),
    [
        (OTHER_SALT, 'holdout.salt = "spring"', 'salt = "20171204/arms"'),
        (LARGER, "holdout.share = 0.2", "share = 0.1"),
    ],
)
def test_another_salt_or_share_is_refused_with_what_to_do(
    lived_shop: Path, programme: str, says: str, again: str
) -> None:
    with pytest.raises(BadProgramme) as no:
        night(lived_shop, SECOND_NIGHT, programme=programme)
    assert f"The programme says {says}, but customers are held out by {again} since 2024-03-31" in str(
        no.value
    )
    assert f"Write {again} again; to begin a new holdout on purpose, publish a night with" in str(no.value)
    assert exit_code_of(no.value, (BadProgramme,)) == 2
    assert [folder.name for folder in (lived_shop / "runs").iterdir()] == [f"{FIRST_NIGHT}.1"]


def test_a_night_that_holds_nobody_out_ends_the_holdout_and_another_may_begin(lived_shop: Path) -> None:
    night(lived_shop, SECOND_NIGHT, programme=NOBODY_HELD_OUT)
    run = night(lived_shop, SECOND_NIGHT, programme=OTHER_SALT)
    assert arms(lived_shop, run.run_id) != arms(lived_shop, f"{FIRST_NIGHT}.1")
    store = open_store(store_url_in(lived_shop))
    kept = [(one.name, one.salt, one.stopped_because) for one in all_experiments(store)]
    store.close()
    assert kept == [("holdout-1", "20171204/arms", "holdout.share = 0"), ("holdout-2", "spring", None)]


def test_a_household_is_drawn_as_one_and_who_moves_in_keeps_their_arm(lived_shop: Path) -> None:
    before = arms(lived_shop, f"{FIRST_NIGHT}.1")
    held_out = min(name for name, arm in before.items() if arm == "holdout")
    treated = min(name for name, arm in before.items() if arm == "treated")
    change(lived_shop, "customers", in_households({held_out, treated}, "h1"))
    run = night(lived_shop, SECOND_NIGHT)
    assert arms(lived_shop, run.run_id) == before

    night(lived_shop, SECOND_NIGHT, programme=NOBODY_HELD_OUT)
    anew = arms(lived_shop, night(lived_shop, SECOND_NIGHT).run_id)
    assert anew[held_out] == anew[treated]


def test_everybody_is_written_down_once_at_first_sight(lived_shop: Path) -> None:
    night(lived_shop, SECOND_NIGHT)
    store = open_store(store_url_in(lived_shop))
    with store.reading() as connection:
        rows = connection.execute(select(assignments)).all()
    store.close()
    assert {row.customer_id: row.arm for row in rows} == arms(lived_shop, f"{FIRST_NIGHT}.1")
    assert len(rows) == 60
    assert {row.unit_id == row.customer_id for row in rows} == {True}


def test_a_holdout_rotates_when_its_time_has_come_and_not_before(lived_shop: Path) -> None:
    run = night(lived_shop, SECOND_NIGHT, programme=ROTATING)
    before = arms(lived_shop, f"{FIRST_NIGHT}.1")
    assert arms(lived_shop, run.run_id) == before
    store = open_store(store_url_in(lived_shop))
    with store.writing() as connection:
        earlier = int(datetime(2024, 3, 10, tzinfo=UTC).timestamp() * 1_000_000)
        connection.execute(update(experiments).values(started_us=earlier))
    run = night(lived_shop, SECOND_NIGHT, programme=ROTATING)
    assert run.manifest["holdout"] == {
        "salt": "20171204/arms/2",
        "share": 0.1,
        "drawn_by": "household",
        "since": "2024-04-07",
        "turn": 2,
        "rotated": True,
    }
    assert "  holdout    rotated as planned: others are held out from tonight on" in night_summary(
        run, "EUR", 90
    )
    kept = [(one.name, one.salt, one.stopped_because) for one in all_experiments(store)]
    store.close()
    assert kept == [("holdout-1", "20171204/arms", "rotated"), ("holdout-2", "20171204/arms/2", None)]
    assert arms(lived_shop, run.run_id) != before
