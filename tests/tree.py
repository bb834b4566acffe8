"""docs/tree.md: one line a file, taken from the first sentence of each; of the tests, one line a folder.

`python -m tests.tree` writes the page anew; files that git does not know yet are in it, ignored ones are not.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tree.md"
FOLDERS = ("models", "training", "engine", "tests")
SUFFIXES = {".py", ".sql", ".toml", ".html", ".css", ".mako"}
COMMENTS = {
    ".html": re.compile(r"<!-- (.*?) -->", re.DOTALL),
    ".css": re.compile(r"/\* (.*?) \*/", re.DOTALL),
    ".mako": re.compile(r"## (.*)"),
}
WIDTH = 34
HEAD = """# The tree

One line a file, one a folder: the first sentence of each. A folder's `__init__.py` goes on: what lies in it, what it may
import, and in which order to read it. How the parts work together is in [architecture.md](architecture.md).

`python -m tests.tree` writes this page; do not edit it.

"""


def tree() -> str:
    """Every file of the three folders that git knows or could know, with what it says of itself."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "serve.py", *FOLDERS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    paths = sorted({Path(name) for name in listed if (ROOT / name).is_file()}, key=_order)
    lines: list[str] = []
    for path in paths:
        if path.name == "__init__.py":
            lines.append(_line(f"{path.parent.name}/", path, depth=len(path.parts) - 2))
        elif path.suffix in SUFFIXES and path.parts[0] != "tests":
            package = next(
                folder
                for folder in path.parents
                if (ROOT / folder / "__init__.py").exists() or not folder.name
            )
            name = path.relative_to(package)
            lines.append(_line(str(name), path, depth=len(path.parts) - len(name.parts)))
    return "\n".join(lines) + "\n"


def _order(path: Path) -> tuple[object, ...]:
    folder = FOLDERS.index(path.parts[0]) if path.parts[0] in FOLDERS else -1
    return folder, path.parent.parts, path.name != "__init__.py", path.name


def _line(name: str, path: Path, depth: int) -> str:
    return f"{'  ' * depth + name:<{WIDTH}} {_sentence(ROOT / path)}".rstrip()


def _sentence(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        about = ast.get_docstring(ast.parse(text)) or ""
    elif path.suffix in COMMENTS:
        found = COMMENTS[path.suffix].search(text)
        about = found.group(1) if found else ""
    else:
        marks = "--" if path.suffix == ".sql" else "#"
        about = " ".join(
            line.removeprefix(marks).strip()
            for line in text.split("\n\n")[0].splitlines()
            if line.startswith(marks)
        )
    first = re.split(r"(?<=[.;])\s|\n\n", " ".join(about.split("\n\n")[0].split()))[0]
    return first.rstrip(".;")


def page() -> str:
    """docs/tree.md as it should be."""
    return f"{HEAD}```\n{tree()}```\n"


def main() -> None:
    """Rewrite docs/tree.md."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
