"""docs/plug-ins.md is what happens: the example is built, installed and used as an outsider would, command by command."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.walk import ROOT, masked, run, steps

pytestmark = pytest.mark.long

PAGE = ROOT / "docs" / "plug-ins.md"
EXAMPLE = ROOT / "examples" / "acme-plug-ins"


def plain(answer: str) -> str:
    """An answer without its figures: what was learnt differs from one release of a library to the next."""
    return re.sub(r"[+-]?\d[\d,.:+T]*", "N", re.sub(r" {2,}", " ", masked(answer)))


def test_every_command_of_the_page_answers_as_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    told = steps(PAGE.read_text(encoding="utf-8"))
    answers = run([command for command, _ in told])
    happened = [(command, plain(answer)) for (command, _), answer in zip(told, answers, strict=True)]
    assert happened == [(command, plain(answer)) for command, answer in told]


def test_what_the_page_shows_of_the_package_stands_in_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (feature,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert feature in (EXAMPLE / "src/acme_plug_ins/features.py").read_text(encoding="utf-8")
    entries = tomllib.loads(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0])
    written = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))
    assert entries["project"]["entry-points"] == written["project"]["entry-points"]


def test_the_package_imports_no_test_and_nothing_private_of_ours() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(EXAMPLE / "src").rglob("*.py")]
    assert [
        line
        for text in sources
        for line in re.findall(r"^from tests.*|^from .* import _.*", text, re.MULTILINE)
    ] == []
