"""What we offer, and what came of it.

Imports `models`, never `training`. Read in this order: `domain` (the words and rules, pure Python), `programme` and
`settings` (what the owner decides), `store` (the boundary of night and day), `day` (use cases), `console` (the
manager's pages), `serving` (HTTP and nothing else), `wording` (what customers and analysts read), `nightly` (the job
that makes bundles), `measurement` (what it is worth), `reports` (what a manager asks), `watch` (how a night is seen),
`cli` and `commands` (`abonement`).
"""

from importlib.util import find_spec
from pathlib import Path


def _refuse_a_namesake(package: str) -> None:
    """Raises ImportError if a package that came with this one is hidden by another file of its name.

    It stands in both packages: what it could be imported from may be what is hidden.
    """
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        found, came_with = Path(spec.origin), Path(__file__).parents[1] / package / "__init__.py"
        if found.resolve() != came_with.resolve():
            raise ImportError(
                f"{found} is in the way of Abonement's package `{package}`: Python finds it first. Rename it, or start "
                "Python in another folder; nothing of it was run."
            )


_refuse_a_namesake("models")
