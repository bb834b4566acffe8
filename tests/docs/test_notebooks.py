"""The notebook that data scientists start from, run as it is on a shop of its own."""

from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from models.sources import load
from models.versions import registry
from tests.shop import write_shop

pytestmark = pytest.mark.long

START = Path(__file__).parents[2] / "docs" / "notebooks" / "start.ipynb"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_shop(tmp_path / "shop", customers=60, products=60, days=150, seed=3, last_day=date(2024, 5, 15))
    load(tmp_path / "shop", tmp_path, buckets=1)
    monkeypatch.setenv("ABONEMENT_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("ABONEMENT_AS_OF", "2024-05-01")
    monkeypatch.setenv("ABONEMENT_KNOWN_UNTIL", "2024-05-15")
    return tmp_path


@pytest.mark.filterwarnings("ignore")  # of the kernel's libraries; our own warnings fail in our own tests
def test_the_notebook_runs_from_beginning_to_end(workspace: Path) -> None:
    notebook = nbformat.read(START, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(START.parent)}}).execute()
    said = "\n".join(
        output.get("text", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text" in output
    )
    first, second = registry.versions(registry.registry_folder(workspace))
    assert "60 customers" in said
    assert "is judged beside the simple rules only" in said
    assert "Judged as published, on 2 weekly cuts" in said
    assert {first, second} == {
        entry["to"] for entry in registry.pointer_history(registry.registry_folder(workspace))
    } or "significantly worse" in said
