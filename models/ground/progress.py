"""How long work tells how far it is: a function that it is given."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


def silent(_what: str, _done: int, _total: int) -> None:
    """A progress that shows nothing, for what is a part of a longer stage."""
