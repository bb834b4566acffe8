"""The terms of offers stay for as long as the programme's law says, but not against their customer's will."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.day.customer_rights import erase, hand_out
from engine.nightly.folder.prune import prune, what_to_prune
from engine.nightly.folder.run_folder import RunFolder
from engine.programme import programme_text
from engine.store import Store
from tests.engine.bundles import MONDAY, a_night


def pruned(workspace: Path, store: Store, law: str) -> int:
    """How many offers anna still has of her first night, 70 days later."""
    a_night(store, ["anna", "zoe"])
    a_night(store, ["anna"], night=date(2018, 2, 12))
    folder = RunFolder.of(workspace, "2018-02-12.1")
    folder.path.mkdir(parents=True)
    folder.programme.write_text(programme_text() + law, encoding="utf-8")
    prune(workspace, store, what_to_prune(workspace, store, 1), lambda *_: None)
    of_first = {row["bundle_id"] for row in hand_out(store, "anna")["bundles"]}
    return len(of_first & {f"b_anna_{MONDAY.date()}.1"}) * len(hand_out(store, "zoe")["offers"])


@pytest.mark.parametrize(
    ("law", "left"),
    [
        ("", 0),
        ('\n[law]\ncountry = "DE"\n', 5),
        ("\n[law]\nterms_days = 60\n", 0),
        ("\n[law]\nterms_days = 90\n", 5),
    ],
)
def test_untouched_offers_stay_until_their_terms_are_over(
    embedded_store: Store, tmp_path: Path, law: str, left: int
) -> None:
    assert pruned(tmp_path, embedded_store, law) == left


def test_an_erased_customer_leaves_no_terms(embedded_store: Store, tmp_path: Path) -> None:
    pruned(tmp_path, embedded_store, '\n[law]\ncountry = "DE"\n')
    erase(embedded_store, "zoe", asked_at=datetime(2018, 2, 13, tzinfo=UTC))
    assert hand_out(embedded_store, "zoe")["offers"] == []
