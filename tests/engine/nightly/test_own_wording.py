"""What a shop words itself is part of the night: it is kept, resumed with, and verified from the run folder."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from engine.domain.offer_errors import BadProgramme
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run_differences import NotReproduced
from engine.nightly.verify import Proof, verify
from engine.settings import store_url_in
from engine.store import open_store
from engine.wording.customer_sentences import PLACEHOLDERS
from engine.wording.language_files import OwnWording
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night, silent, stop_at

RUN = f"{FIRST_NIGHT}.1"


def saying(often: str) -> OwnWording:
    return OwnWording(f'[bought_often]\nother = "{often}"\n', "wording/en.toml")


@pytest.fixture
def workspace(opened_shop: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(opened_shop, tmp_path / "workspace"))


def proof(workspace: Path) -> Proof:
    with closing(open_store(store_url_in(workspace))) as store:
        return verify(workspace, RUN, store, jobs=1, progress=silent)


def told(workspace: Path, code: str) -> set[str]:
    slots = pd.concat([pd.read_parquet(file) for file in RunFolder.of(workspace, RUN).slot_files()])
    return {text.strip("0123456789") for text in slots.loc[slots["reason"] == code, "reason_text"]}


def test_an_own_sentence_is_published_kept_and_verified_from_the_run_folder(workspace: Path) -> None:
    own = saying("{n} mal gekauft")
    night(workspace, FIRST_NIGHT, wording=own)
    folder = RunFolder.of(workspace, RUN)
    assert told(workspace, "bought_often") == {" mal gekauft"}
    assert (folder.path / "wording.toml").read_text(encoding="utf-8") == own.text
    assert "wording.toml" in folder.manifest()["files"]
    assert len(folder.manifest()["wording"]) == 64
    assert proof(workspace).stored > 0


def test_a_night_without_own_sentences_keeps_none_and_has_the_shipped_ones(workspace: Path) -> None:
    night(workspace, FIRST_NIGHT)
    folder = RunFolder.of(workspace, RUN)
    assert "wording" not in json.loads((folder.path / "request.json").read_text(encoding="utf-8"))
    assert not (folder.path / "wording.toml").exists()
    (folder.path / "wording.toml").write_text(saying("{n} mal").text, encoding="utf-8")
    assert proof(workspace).stored > 0


@pytest.mark.long
def test_a_night_that_is_resumed_with_other_sentences_begins_anew(workspace: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        night(workspace, FIRST_NIGHT, wording=saying("{n} mal"), progress=stop_at("settling"))
    assert night(workspace, FIRST_NIGHT, wording=saying("{n} Stueck")).resumed_buckets == 0
    assert told(workspace, "bought_often") == {" Stueck"}
    assert proof(workspace).stored > 0


@pytest.mark.long
def test_a_night_that_is_resumed_with_the_same_sentences_goes_on(workspace: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        night(workspace, FIRST_NIGHT, wording=saying("{n} mal"), progress=stop_at("settling"))
    commented = OwnWording("# ours\n" + saying("{n} mal").text, "elsewhere/en.toml")
    assert night(workspace, FIRST_NIGHT, wording=commented).resumed_buckets == 2
    assert proof(workspace).stored > 0


def test_kept_sentences_that_were_edited_or_are_gone_are_named_by_verify(workspace: Path) -> None:
    night(workspace, FIRST_NIGHT, wording=saying("{n} mal"))
    kept = RunFolder.of(workspace, RUN).path / "wording.toml"
    kept.write_text(saying("{n} Mal").text, encoding="utf-8")
    with pytest.raises(NotReproduced, match=r"wording\.toml was changed after the run"):
        proof(workspace)
    kept.unlink()
    with pytest.raises(NotReproduced, match=r"wording\.toml is gone from the run folder"):
        proof(workspace)


@pytest.mark.long
def test_a_language_that_is_not_shipped_is_the_shops_own_to_give(workspace: Path) -> None:
    with pytest.raises(BadProgramme, match="language = 'de': expected one of en; choose one, or write all"):
        night(workspace, FIRST_NIGHT, language="de")
    given = {code: " ".join(["ja", *(f"{{{name}}}" for name in told)]) for code, told in PLACEHOLDERS.items()}
    text = "\n".join(f'[{code}]\none = "{say}"\nother = "{say}"' for code, say in given.items())
    night(workspace, FIRST_NIGHT, language="de", wording=OwnWording(text, "wording/de.toml"))
    assert told(workspace, "bought_often") == {"ja "}
    assert proof(workspace).stored > 0
