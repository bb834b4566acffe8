"""A dry run looks at tonight and leaves nothing behind."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.cli import main
from engine.nightly.folder.run_folder import RunFolder
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import open_bundles_of
from engine.store.nights.known_ids import customer_known_as
from engine.store.nights.login_views import customers_with_offers
from models.ground.durable import file_sha256
from tests.engine.nightly.shop_nights import FIRST_NIGHT, change, night, with_rotation

DEEPER = with_rotation(
    "staples_share = 0.2", programme_text().replace("bp = [1000, 1500, 2000]", "bp = [2000, 3000]")
)


def everything_in(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.mark.long
def test_two_programmes_and_three_budgets_are_compared_and_nothing_is_written(
    shop_after_a_night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    for name, text in (("classic", programme_text()), ("deeper", DEEPER)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    before = everything_in(workspace)
    monkeypatch.setattr(
        "sys.argv",
        [
            *("abonement", "nightly", "--workspace", str(workspace), "--as-of", FIRST_NIGHT, "--jobs", "1"),
            *("--dry-run", "--programme", str(tmp_path / "classic.toml")),
            *("--programme", str(tmp_path / "deeper.toml"), "--budget", "0,1000,900000", "--json"),
            *("--page", str(tmp_path / "dry.html")),
        ],
    )
    with pytest.raises(SystemExit) as leaving:
        main()
    told = json.loads(capsys.readouterr().out)

    assert leaving.value.code in (0, None)
    assert everything_in(workspace) == before
    classic, deeper = told["programmes"]
    assert classic["against"] == {
        "run_id": f"{FIRST_NIGHT}.1",
        "gain": 0,
        "lose": 0,
        "keep": classic["result"]["bundles"],
        "same_items_share": 1.0,
    }
    assert deeper["result"]["mean_depth_bp"] > classic["result"]["mean_depth_bp"]
    planned = classic["budget"]["planned_milli"] / 1000
    assert classic["curve"]["tonight"]["cost_minor"] == pytest.approx(planned, abs=0.01)
    assert deeper["budget"]["staples"][""]
    assert deeper["curve"]["tonight"]["bundles"] == deeper["result"]["bundles"]
    assert deeper["curve"]["tonight"]["uses"] == pytest.approx(deeper["result"]["expected_uses"], abs=0.01)
    nothing, little, plenty = classic["curve"]["asked"]
    assert (nothing["cost_minor"], nothing["bundles"]) == (0, 0)
    assert little["cost_minor"] <= little["allowance_minor"]
    assert plenty["worth"] >= little["worth"]
    assert classic["curve"]["knee"]["amount_minor"] * 1000 >= classic["budget"]["committed_milli"]
    assert sum(line["bundles"] for line in classic["rungs"]) == classic["result"]["bundles"]
    assert told["side_by_side"][0]["programme"].endswith("deeper.toml")
    assert set(classic["guard"]) == set(deeper["guard"]) >= {"mean_depth", "empty_bundles"}
    assert [name for name, check in deeper["guard"].items() if not check["ok"]] == ["empty_bundles"]
    assert "The guard would keep it back over empty bundles" in (tmp_path / "dry.html").read_text(
        encoding="utf-8"
    )
    assert "What a budget brings" in (tmp_path / "dry.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--budget", "1000"), "--budget and --page are looked at with --dry-run only"),
        (("--dry-run", "--budget", "10.5"), "expected whole amounts in minor units with commas between"),
    ],
)
def test_what_only_a_dry_run_looks_at_is_refused_in_a_sentence(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["abonement", "nightly", "--workspace", str(tmp_path), "--as-of", FIRST_NIGHT, *words]
    )
    with pytest.raises(SystemExit) as leaving:
        main()

    assert leaving.value.code == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_card_that_was_merged_since_counts_as_the_night_would_count_it_and_the_store_stays_as_it_was(
    shop_after_a_night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    at = datetime(2024, 4, 3, 12, tzinfo=UTC)
    with closing(open_store(store_url_in(workspace))) as store:
        replaced = customers_with_offers(store, at, limit=1)[0]
    change(
        workspace,
        "customers",
        lambda people: people.assign(
            merged_into=["cNEW" if name == replaced else None for name in people["customer_id"]]
        ),
    )
    monkeypatch.setattr(
        "sys.argv",
        [
            *("abonement", "nightly", "--workspace", str(workspace), "--as-of", "2024-04-03", "--jobs", "1"),
            *("--dry-run", "--json"),
        ],
    )
    with pytest.raises(SystemExit):
        main()
    told = json.loads(capsys.readouterr().out)["programmes"][0]["result"]["outcomes"]
    with closing(open_store(store_url_in(workspace))) as store:
        assert customer_known_as(store, replaced) == replaced
        assert open_bundles_of(store, [replaced], at)
    night(workspace, "2024-04-03")
    assert told == RunFolder.of(workspace, "2024-04-03.1").manifest()["result"]["outcomes"]
