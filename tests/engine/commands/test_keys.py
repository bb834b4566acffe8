import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.access.server_keys import all_keys
from models.ground.errors import BadInput


def run(*words: str | Path) -> str:
    done = CliRunner().invoke(app, ["keys", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def make(workspace: Path, *more: str | Path) -> str:
    return run("create", "--workspace", workspace, "--name", "tills", "--scope", "till", *more)


def only_id(workspace: Path) -> str:
    return str(json.loads(run("list", "--workspace", workspace, "--json"))["keys"][0]["key_id"])


def test_a_key_is_shown_when_it_is_made_and_never_again(tmp_path: Path) -> None:
    sentence, secret = make(tmp_path).splitlines()
    assert secret.startswith("abk_")
    assert "not shown again" in sentence
    assert secret not in run("list", "--workspace", tmp_path) + run("list", "--workspace", tmp_path, "--json")


def test_a_file_for_the_secret_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "till.key"
    assert "abk_" not in make(tmp_path, "--out", file)
    assert file.read_text(encoding="utf-8").startswith("abk_")
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_list_says_what_each_key_may_and_whether_it_works(tmp_path: Path) -> None:
    assert "There is no key yet" in run_on_empty_store(tmp_path)
    make(tmp_path, "--scope", "app")
    run("revoke", only_id(tmp_path), "--workspace", tmp_path)
    row = run("list", "--workspace", tmp_path).splitlines()[1]
    assert "tills  app till  revoked 20" in row
    assert row.endswith("never")


def run_on_empty_store(workspace: Path) -> str:
    open_store(store_url_in(workspace)).close()
    return run("list", "--workspace", workspace)


def test_rotation_says_until_when_the_old_key_works(tmp_path: Path) -> None:
    make(tmp_path)
    old = only_id(tmp_path)
    first = run("rotate", old, "--workspace", tmp_path, "--overlap-hours", "24").splitlines()[0]
    assert f"{old} works until " in first
    store = open_store(store_url_in(tmp_path))
    ends = [key.expires_at is None for key in all_keys(store)]
    store.close()
    assert ends == [False, True]


def test_an_overlap_has_to_be_chosen(tmp_path: Path) -> None:
    make(tmp_path)
    done = CliRunner().invoke(app, ["keys", "rotate", only_id(tmp_path), "--workspace", str(tmp_path)])
    assert done.exit_code == 2


@pytest.mark.parametrize("scope", ["root", "App"])
def test_an_unknown_scope_is_refused(tmp_path: Path, scope: str) -> None:
    done = CliRunner().invoke(
        app, ["keys", "create", "--workspace", str(tmp_path), "--name", "x", "--scope", scope]
    )
    assert done.exit_code == 2


def test_a_store_that_nights_have_filled_and_that_is_lost_is_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "runs" / "2017-12-04.1").mkdir(parents=True)
    for words in (
        ["keys", "create", "--workspace", tmp_path, "--name", "tills", "--scope", "till"],
        ["backup", "--workspace", tmp_path, "--out", tmp_path / "copy.db"],
    ):
        done = CliRunner().invoke(app, [*map(str, words)])
        assert isinstance(done.exception, BadInput)
        assert "store" in str(done.exception)
    assert not (tmp_path / "store.db").exists()
    assert not (tmp_path / "copy.db").exists()
