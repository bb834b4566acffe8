import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from models.pages.parts import Card, Cell, Drawing, Grid
from models.pages.rendering import render, style_hash

ROOT = Path(__file__).parents[3]
CALIBRATION = "training/simulator/calibration/calibration_page.html"
HOSTILE = "<script>alert('\"&\"')</script>"
GRID = Grid(HOSTILE, HOSTILE, [HOSTILE], [[Cell(HOSTILE, HOSTILE, HOSTILE)]])
CARD = Card(HOSTILE, HOSTILE, Drawing("0 0 1 1", Markup("<path/>")))
GIVEN = {
    "title": HOSTILE,
    "world": HOSTILE,
    "chip": {"style": HOSTILE, "word": HOSTILE},
    "what": HOSTILE,
    "who_is_silent": HOSTILE,
    "asked": GRID,
    "plots": [CARD],
    "churn": GRID,
    "background": GRID,
    "lived": HOSTILE,
    "assumed": HOSTILE,
}


def test_whatever_is_filled_in_is_escaped_in_text_and_in_attributes() -> None:
    page = render(CALIBRATION, **GIVEN)
    assert "<script" not in page
    assert f"<h2>{Markup.escape(HOSTILE)}</h2>" in page
    labels = re.findall(r'aria-label="([^"]*)" viewBox="0 0 1 1"><path/></svg>', page)
    assert [unescape(label) for label in labels] == [f"{HOSTILE}. {HOSTILE}"]


def test_a_value_that_nobody_gave_is_an_error_and_not_a_gap() -> None:
    given = {name: value for name, value in GIVEN.items() if name != "lived"}
    with pytest.raises(UndefinedError, match="'lived' is undefined"):
        render(CALIBRATION, **given)


def test_a_template_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TemplateNotFound, match=r"models/pages/nothing\.html"):
        render("models/pages/nothing.html")


def test_the_hash_of_the_style_is_that_of_what_stands_in_the_page() -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", render(CALIBRATION, **GIVEN), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert style_hash() == f"'sha256-{digest}'"


def test_the_wheel_holds_every_template_and_the_stylesheet(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in ("engine", "training", "models")
        for suffix in ("html", "css")
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    }
    assert "models/pages/skeleton.html" in there
    assert there <= held
