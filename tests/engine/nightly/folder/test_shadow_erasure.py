"""What somebody would have got is theirs too: erased customers leave the shadow logs, and what is left is sound."""

from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from engine.cli import app
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.folder.running_shadows import running_shadows
from engine.nightly.verify import verify
from engine.store import Store
from models.ground.durable import discard
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, silent

RUN = f"{FIRST_NIGHT}.1"
NEXT_DAY = parse_moment("2024-04-01", "UTC").as_of


def held_out(workspace: Path) -> set[str]:
    files = RunFolder.of(workspace, RUN).shadow_files()
    return {name for file in files for name in pd.read_parquet(file)["customer_id"]}


def said(workspace: Path, *words: str) -> str:
    answer = CliRunner().invoke(app, [*words, "--workspace", str(workspace)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_an_erased_customer_leaves_the_shadow_log_and_the_experiment_but_for_a_count(
    lived_shop: Path, its_store: Store
) -> None:
    before = held_out(lived_shop)
    gone = min(before)
    said(lived_shop, "erase", "--customer", gone)

    assert held_out(lived_shop) == before - {gone}
    assert running_shadows(lived_shop, [RUN], NEXT_DAY) == before - {gone}
    proof = verify(lived_shop, RUN, its_store, jobs=1, progress=silent)
    assert (proof.excused, proof.stored) == (1, proof.bundles)
    assert gone not in said(
        lived_shop, "export", "--what", "shadow", "--run", RUN, "--out", str(lived_shop / "x.csv")
    )
    assert gone not in (lived_shop / "x.csv").read_text(encoding="utf-8")
    assert "holdout      6 customers, 1 erased since" in said(lived_shop, "experiment", "status")
    assert "53 and 6 customers of 59 households" in said(lived_shop, "experiment", "report")


def test_without_its_folder_a_night_holds_nobodys_shadow_and_the_report_says_what_it_lacks(
    lived_shop: Path,
) -> None:
    discard(RunFolder.of(lived_shop, RUN).path)  # as `prune` does

    assert running_shadows(lived_shop, [RUN], NEXT_DAY) == set()
    report = said(lived_shop, "experiment", "report")
    assert "Bought anyway" not in report
    assert "The folders of 1 of 1 nights are gone" in report
