import re
from pathlib import Path

from tests.tree import BLOCK, README, ROOT, tree


def test_the_readme_shows_every_file_with_what_it_says_of_itself() -> None:
    found = BLOCK.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found.group() == tree(), "run `python -m tests.tree`"


def test_every_file_has_something_to_say() -> None:
    silent = [line for line in tree().splitlines() if len(line.split()) < 3]
    assert silent == []


def test_every_link_in_the_readme_and_docs_leads_somewhere() -> None:
    pages = [README, *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / Path(target)).exists()
    ]
    assert broken == []
