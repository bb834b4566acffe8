"""What the pages say of files, modules and functions is so."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in ROOT.glob("CONTRIBUTING.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "tree.md"),
    *sorted((ROOT / "examples").rglob("*.md")),
]
OURS = ("models", "training", "engine", "tests")
# `engine/day/till/redeem.py`, `engine/wording/`, and what stands in a block of commands
PATH = re.compile(r"(?<![\w/.-])(?:models|training|engine|tests|docs|examples)/[\w/.-]*\w")
# `engine.nightly.run.run`, `python -m tests.tree`
DOTTED = re.compile(r"(?<![\w/.-])(?:models|training|engine|tests)(?:\.\w+)+")
# `price_basket` in `engine/domain/till/basket_pricing.py`
NAMED = re.compile(r"`([A-Za-z_][\w.]*)` in\s+`((?:models|training|engine|tests)/[\w/]+\.py)`")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
BARE = re.compile(r"`([a-z_0-9]+\.(?:py|sql))`")
# Files of somebody else's that pages warn of.
NAMESAKES = {"models.py", "engine.py", "training.py", "joblib.py", "typer.py"}


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


pages = pytest.mark.parametrize("page", PAGES, ids=name_of)


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [target for _, target in LINK.findall(text_of(page)) if ":" not in target]
    assert [one for one in links if not (page.parent / one.partition("#")[0]).exists()] == []


@pages
def test_a_link_that_is_called_like_a_file_leads_to_it(page: Path) -> None:
    files = [
        (text, target) for text, target in LINK.findall(text_of(page)) if re.fullmatch(r"[\w/]+\.\w+", text)
    ]
    assert [(text, to) for text, to in files if Path(text).name != Path(to.partition("#")[0]).name] == []


@pages
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    lost = []
    for _, target in LINK.findall(text_of(page)):
        place, _, heading = target.partition("#")
        if heading and ":" not in target:
            there = page.parent / place if place else page
            if heading not in headings(there):
                lost.append(target)
    assert lost == []


def headings(page: Path) -> set[str]:
    """The anchors of a page as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pages
def test_every_path_exists(page: Path) -> None:
    assert [path for path in PATH.findall(text_of(page)) if not (ROOT / path).exists()] == []


@pages
def test_every_file_that_is_named_alone_exists_under_that_name(page: Path) -> None:
    known = {
        path.name
        for package in OURS
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".sql"}
    }
    known |= {path.name for path in (ROOT / "docs").rglob("*.py")} | {"serve.py"} | NAMESAKES
    assert [name for name in BARE.findall(text_of(page)) if name not in known] == []


@pages
def test_every_module_and_what_is_in_it_exists(page: Path) -> None:
    assert [
        dotted for dotted in DOTTED.findall(text_of(page)) if not is_there(dotted) and dotted not in NAMESAKES
    ] == []


def is_there(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or a name that a module gives."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        file = place.with_suffix(".py") if place.with_suffix(".py").exists() else place / "__init__.py"
        if file.exists():
            return length == len(parts) or (length == len(parts) - 1 and parts[-1] in names_in(file))
    return False


def names_in(file: Path) -> set[str]:
    """What a module defines or imports at its top, and the methods of its classes as `Class.method`."""
    names: set[str] = set()
    for node in ast.parse(text_of(file)).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name, body=body):
                names |= {
                    name,
                    *(
                        f"{name}.{one.name}"
                        for one in body
                        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
                    ),
                }
            case ast.Assign(targets=targets):
                names |= {one.id for one in targets if isinstance(one, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.ImportFrom(names=imported) | ast.Import(names=imported):
                names |= {alias.asname or alias.name for alias in imported}
            case _:
                pass
    return names


@pages
def test_every_function_is_in_the_file_that_the_page_names(page: Path) -> None:
    said = [(name, file) for name, file in NAMED.findall(text_of(page)) if (ROOT / file).exists()]
    assert [(name, file) for name, file in said if name not in names_in(ROOT / file)] == []


def test_the_plan_of_the_house_names_a_function_at_every_step() -> None:
    journeys = re.findall(
        r"^\d+\. (.*?)(?=^\d+\. |^#|\Z)", text_of(ROOT / "docs" / "architecture.md"), re.MULTILINE | re.DOTALL
    )
    assert len(journeys) > 30
    assert [step for step in journeys if not NAMED.search(step)] == []
