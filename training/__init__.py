"""How we learn what `models` predicts.

Imports `models`, never `engine` (but for the simulator's closed loop). Read in this order: `fitting` (from a
workspace's data to fitted models), `evaluation` (a version against others, on weeks it has not seen), `bench` (what
others measure us by), `simulator` (a shop with known truth), `cli` and `commands` (`abonement-train`).
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
_refuse_a_namesake("engine")
