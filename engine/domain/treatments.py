"""What a customer gets for what is known of them: of several rules that match the strictest counts.

From the strictest on: nothing, a thank-you instead of bundles, bundles no deeper than so many basis points (the smaller the
stricter), the plan that wins back who was lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.offer_errors import BadRequest


class Gets(StrEnum):
    """What a rule gives, the strictest first."""

    NONE = "none"
    THANK_YOU = "thank_you"
    AT_MOST = "at_most"
    WIN_BACK = "win_back"


@dataclass(frozen=True)
class Treatment:
    """What a rule gives; `at_most_bp` is the deepest discount of `at_most`, and None otherwise."""

    gets: Gets
    at_most_bp: int | None = None

    @classmethod
    def read(cls, text: str) -> "Treatment":
        """From the owner's words: `none`, `thank_you`, `at_most 1000`, `win_back`; BadRequest for others."""
        word, _, depth = text.partition(" ")
        if word not in list(Gets) or (word == Gets.AT_MOST) != depth.isdecimal():
            raise BadRequest(f"expected one of {', '.join(Gets)}, at_most with a depth in bp, got {text!r}")
        return cls(Gets(word), int(depth) if depth else None)

    @property
    def strictness(self) -> tuple[int, int]:
        """Smaller is stricter."""
        return list(Gets).index(self.gets), self.at_most_bp or 0

    def __str__(self) -> str:
        """The owner's words."""
        return self.gets.value if self.at_most_bp is None else f"{self.gets.value} {self.at_most_bp}"


def strictest_first(rules: Iterable[tuple[str, Treatment]]) -> list[tuple[str, Treatment]]:
    """Rules by what is known of a customer, in the order in which they count; equally strict ones stay in theirs."""
    return sorted(rules, key=lambda rule: rule[1].strictness)
