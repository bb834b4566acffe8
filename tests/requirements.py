"""Which distributions others need, as far as they are installed here."""

import re
from importlib.metadata import PackageNotFoundError, requires

from packaging.requirements import Requirement


def needed_by(asked: list[Requirement]) -> set[str]:
    """The plain names of all distributions that these need here, themselves included."""
    seen: set[tuple[str, str]] = set()
    todo = [(request.name, extra) for request in asked for extra in ("", *request.extras)]
    while todo:
        name, extra = todo.pop()
        if (plain(name), extra) in seen:
            continue
        try:
            needs = [Requirement(need) for need in requires(name) or ()]
        except PackageNotFoundError:
            continue
        seen.add((plain(name), extra))
        for need in needs:
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                todo += [(need.name, wanted) for wanted in ("", *need.extras)]
    return {name for name, _ in seen}


def plain(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
