"""`abonement overdue` and `abonement contacts`: the list, what contacts change in it, and what is refused."""

import json
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.errors import BadInput
from models.sources import load
from models.tables import OVERDUE
from models.versions import registry
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest
from tests.shop import write_shop

AS_OF = "2024-05-11"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop where a fifth has stopped coming, a model without any fitted part, and a store nobody wrote into."""
    folder = tmp_path_factory.mktemp("outreach")
    write_shop(folder / "shop", customers=60, products=40, days=120, seed=5, last_day=date(2024, 5, 10))
    load(folder / "shop", folder, buckets=2)
    versions = registry.registry_folder(folder)
    registry.promote(versions, registry.publish(versions, manifest(), RHYTHM, *fallbacks()))
    open_store(store_url_in(folder)).close()
    return folder


def abonement(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def listed(workspace: Path, out: Path, *more: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    told = abonement(
        "overdue", "--workspace", workspace, "--as-of", AS_OF, "--out", out, "--jobs", "1", "--json", *more
    )
    return pd.read_parquet(out), json.loads(told)


def record(workspace: Path, customer: str, found: str, at: str, *more: str) -> str:
    return abonement(
        "contacts", "record", "--workspace", workspace, "--customer", customer, "--found", found, "--at", at,
        "--by", "Olga", *more,
    )  # fmt: skip


def test_the_list_has_the_worst_loss_first_and_contacts_change_the_next_one(
    workspace: Path, tmp_path: Path
) -> None:
    before, told = listed(workspace, tmp_path / "before.parquet")
    assert list(before.columns) == list(OVERDUE.names)
    assert len(before) >= 4
    assert told["customers"] == len(before)
    assert before["expected_loss_minor"].is_monotonic_decreasing
    assert before["reasons"].str.contains("has not come for").all()
    again, _ = listed(workspace, tmp_path / "again.parquet")
    pd.testing.assert_frame_equal(again, before, check_exact=True)

    moved, complaining, called, later = before["customer_id"].head(4)
    record(workspace, moved, "moved", "2024-01-01")
    record(workspace, complaining, "complaint", "2024-04-01", "--note", "rude at the till")
    record(workspace, called, "bought_elsewhere", "2024-05-01")
    record(workspace, later, "not_reached", "2024-05-11")  # not before the list's moment
    after, told = listed(workspace, tmp_path / "after.parquet")
    assert after["customer_id"].tolist() == [
        name for name in before["customer_id"] if name not in {moved, called}
    ]
    assert (told["left_off_moved"], told["left_off_quiet"]) == (1, 1)
    row = after.set_index("customer_id").loc[complaining]
    assert (row["open_complaint"], row["last_contact"]) == (True, "complaint")
    assert not after.set_index("customer_id").loc[later, "open_complaint"]
    assert "rude at the till" in abonement("contacts", "list", "--workspace", workspace)


def test_a_customer_whose_consent_cannot_be_read_is_not_on_the_list(workspace: Path, tmp_path: Path) -> None:
    before, _ = listed(workspace, tmp_path / "before.parquet")
    refuser = before["customer_id"].iloc[0]
    shop = Path(copytree(workspace / "shop", tmp_path / "shop"))
    people = pd.read_parquet(shop / "customers.parquet")
    words = ["nein" if name == refuser else "yes" for name in people["customer_id"]]
    people.assign(consent=words).to_parquet(shop / "customers.parquet", index=False)
    mine = Path(copytree(workspace, tmp_path / "workspace"))
    load(shop, mine, buckets=2)

    after, told = listed(mine, tmp_path / "after.parquet")

    assert after["customer_id"].tolist() == before["customer_id"].tolist()[1:]
    assert told["left_off_no_consent"] == 1


def test_contacts_come_from_a_file_once(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(
        "customer_id,at,found,by,note\nc050,2024-03-01,not_reached,Olga,\nc051,2024-03-01,other_reason,Pavel,ill\n",
        encoding="utf-8",
    )
    recording = ("contacts", "record", "--workspace", workspace, "--file", file)
    assert abonement(*recording) == "Recorded 2 contacts.\n"
    assert abonement(*recording) == "Recorded 0 contacts; 2 known already.\n"
    held = json.loads(abonement("contacts", "list", "--workspace", workspace, "--customer", "c051", "--json"))
    assert [(one["found"], one["by"], one["note"]) for one in held] == [("other_reason", "Pavel", "ill")]


def test_a_note_that_a_list_of_ours_kept_from_a_spreadsheet_is_read_as_it_was_meant(
    workspace: Path, tmp_path: Path
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(
        "customer_id,at,found,by,note\nc052,2024-03-01,other_reason,Pavel,'=ill\n", encoding="utf-8"
    )
    abonement("contacts", "record", "--workspace", workspace, "--file", file)
    held = json.loads(abonement("contacts", "list", "--workspace", workspace, "--customer", "c052", "--json"))
    assert [one["note"] for one in held] == ["=ill"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("customer_id,at,found\nc001,2024-03-01,moved\n", "expected customer_id, at, found, by"),
        ("customer_id,at,found,by\nc001,2024-03-01,gone,Olga\n", "line 2: found is 'gone', expected one of"),
        ("customer_id,at,found,by\nc001,,moved,Olga\n", "line 2 lacks at"),
        ("customer_id,at,found,by\nnobody,2024-03-01,moved,Olga\n", "1 of the customers are not in the data"),
        (f"customer_id,at,found,by,note\nc001,2024-03-01,moved,Olga,{'x' * 501}\n", "at most 500 characters"),
    ],
)
def test_a_file_that_says_something_else_is_refused_whole(
    workspace: Path, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=sentence):
        abonement("contacts", "record", "--workspace", workspace, "--file", file)


def test_a_horizon_that_the_model_does_not_know_is_refused(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="knows silences of 28, 56 days, not of 30"):
        listed(workspace, tmp_path / "out.parquet", "--horizon", "30")
