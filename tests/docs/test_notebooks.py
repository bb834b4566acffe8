"""The notebook that data scientists start from, run as it is on a shop of its own."""

import re
from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from models import registry
from models.sources import load
from tests.shop import write_shop

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


def test_the_notebook_is_kept_with_what_it_showed_on_the_demo() -> None:
    notebook = nbformat.read(START, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert any("1,460,435 lines of 2,469 customers" in output.get("text", "") for output in outputs)
    assert not [output for output in outputs if output.output_type == "error"]
    assert not re.findall(
        r"[\s'\"(]/(?!/)\w+/\w+", START.read_text(encoding="utf-8")
    )  # no path of the machine it ran on
