"""Whoever learns from run folders is told which of them customers were served."""

from pathlib import Path

from typer.testing import CliRunner

from engine.cli import app
from tests.engine.nightly.shop_nights import FIRST_NIGHT

RUN = f"{FIRST_NIGHT}.1"


def test_a_night_is_marked_as_served_until_it_is_rolled_back(lived_shop: Path) -> None:
    mark = lived_shop / "runs" / RUN / "served"
    assert mark.exists()

    answer = CliRunner().invoke(app, ["runs", "rollback", RUN, "--workspace", str(lived_shop)])

    assert answer.exit_code == 0, answer.output
    assert not mark.exists()


def test_a_restored_store_tells_which_nights_it_knows(lived_shop: Path, tmp_path: Path) -> None:
    mark, kept = lived_shop / "runs" / RUN / "served", tmp_path / "kept.db"
    for words in (
        ["backup", "--out", str(kept)],
        ["runs", "rollback", RUN],
        ["restore", str(kept)],
    ):
        answer = CliRunner().invoke(app, [*words, "--workspace", str(lived_shop)])
        assert answer.exit_code == 0, answer.output

    assert mark.exists()
