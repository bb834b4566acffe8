"""The pages of nights."""

import re
import time
from datetime import date
from pathlib import Path

import pytest

from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.access.audit import records
from engine.store.nights.run_records import current_run
from models.ground.errors import GuardRefused
from tests.engine.console.conftest import OpenDesk
from tests.engine.nightly.shop_nights import night
from tests.engine.shop import publish_shop

LATE = "2024-04-10"  # three days after the last purchase: the guard looks at the age of the data
AT_THE_DESK = {"clock": "fixed:2024-04-10T09:00:00Z"}


def test_nights_are_listed_and_go_out_as_csv(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.VIEWER)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["anna"], manifest={"result": {"customers": 3}})
    publish_shop(store, ["anna"], night=date(2017, 12, 5))
    store.close()
    said = someone.reads("/console/nights")
    assert "4 December 2017 2017-12-04.1 published 3 1 5" in said
    assert said.index("2017-12-05.1 published, in force") < said.index("2017-12-04.1")
    answer = someone.get("/console/nights?as=csv&q=2017-12-04")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines()[1:] == ["2017-12-04,2017-12-04.1,published,3,1,5,,"]


def test_before_the_first_night_the_table_says_what_to_do(desk: OpenDesk) -> None:
    assert "abonement nightly --workspace W --as-of DAY" in desk(Role.VIEWER).reads("/console/nights")


def test_a_night_that_there_is_not_says_so(desk: OpenDesk) -> None:
    someone = desk(Role.VIEWER)
    for path in ("2017-12-04.9", "2017-12-04.9/report", "..%2f..%2fetc/report", "%00/report"):
        assert someone.get(f"/console/nights/{path}").status_code == 404


def test_looking_at_nights_leaves_nothing_in_the_workspace(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.VIEWER)
    before = sorted(tmp_path.iterdir())
    assert "No night was started here" in someone.reads("/console/nights/at-work")
    someone.get("/console/nights")
    assert sorted(tmp_path.iterdir()) == before


def test_a_night_that_there_is_not_is_not_rolled_back(desk: OpenDesk) -> None:
    someone = desk(Role.APPROVER)
    for name in ("2017-12-04.9", "%00", "--help"):
        someone.get("/console/nights")
        answer = someone.post(f"/console/nights/{name}/roll-back", {"reason": "Wrong prices."})
        assert answer.status_code == 404


def test_a_roll_back_needs_a_reason_that_people_can_read(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.APPROVER)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["anna"])
    someone.get("/console/nights/2017-12-04.1")
    answer = someone.post("/console/nights/2017-12-04.1/roll-back", {"reason": " "})
    assert answer.status_code == 422
    assert "expected 1 to 300" in answer.text
    run = current_run(store)
    store.close()
    assert run is not None


@pytest.mark.long
def test_a_night_that_was_kept_back_is_published_with_a_reason_and_rolled_back_again(
    desk: OpenDesk, lived_shop: Path
) -> None:
    with pytest.raises(GuardRefused, match="data_age"):
        night(lived_shop, LATE)
    run_id = f"{LATE}.1"
    someone = desk(Role.APPROVER, workspace=lived_shop, **AT_THE_DESK)
    said = someone.reads(f"/console/nights/{run_id}")
    assert "The guard kept it back over" in said
    assert "I have looked at: Age of the data" in said
    refused = someone.post(f"/console/nights/{run_id}/publish", {"reason": "The tills were closed."})
    assert refused.status_code == 422
    assert "Still to be accepted: Age of the data" in refused.text
    someone.get(f"/console/nights/{run_id}")
    findings = re.findall(r'name="accept_(\w+)"', someone.shown)
    begun = someone.post(
        f"/console/nights/{run_id}/publish",
        {"reason": "The tills were closed."} | {f"accept_{name}": "1" for name in findings},
    )
    assert begun.headers["location"] == "/console/nights/at-work"
    deadline = time.monotonic() + 120
    while "The night is at work" in (said := someone.reads("/console/nights/at-work")):
        assert time.monotonic() < deadline, said
        time.sleep(0.5)
    assert "The night is published" in said
    assert "published, in force" in someone.reads("/console/nights")
    assert "Night of Wednesday, 10 April 2024" in someone.reads(f"/console/nights/{run_id}/report")

    someone.get(f"/console/nights/{run_id}")
    undone = someone.post(f"/console/nights/{run_id}/roll-back", {"reason": "Wrong prices."})
    assert undone.headers["location"] == f"/console/nights/{run_id}?said=rolled_back"
    assert "The night is rolled back" in someone.reads(undone.headers["location"])
    store = open_store(store_url_in(lived_shop))
    told = [
        (act.actor, act.action, act.subject) for act in records(store) if act.actor.startswith("console ")
    ]
    store.close()
    assert told == [
        ("console approver", "guard_accepted", f"{run_id} {' '.join(findings)}: The tills were closed."),
        ("console approver", "night_rolled_back", f"{run_id}: Wrong prices."),
    ]
