"""What modules hand to their templates, in words that are ready to be read; `parts.html` says how they look."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Drawing:
    """A plot as SVG: the one thing on a page that is markup before it comes to a template."""

    view_box: str
    shapes: Markup


@dataclass(frozen=True)
class Card:
    """A plot with its title and what it shows, in a sentence."""

    title: str
    says: str
    drawing: Drawing


@dataclass(frozen=True)
class Tile:
    """One large number and what it counts."""

    value: str
    meaning: str


@dataclass(frozen=True)
class Cell:
    """A table's cell, with a line in small type below: an interval, an explanation."""

    words: str
    says: str = ""
    style: str = "number"


@dataclass(frozen=True)
class Grid:
    """A table that scrolls sideways where it is too wide."""

    title: str
    says: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
