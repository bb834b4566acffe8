"""The programme's section [policy]: which policy says what an offer is worth at each depth, with which parameters.

Part of `engine.programme`; the policies themselves, and what they may be given, are in `engine.nightly.choosing.policies`.
"""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from engine.programme.section import Section

Plain = bool | int | float | str | tuple[bool | int | float | str, ...]


def _plain(given: dict[str, Any]) -> dict[str, Plain]:
    """Lists as tuples; ValueError names what is neither text, number, true or false nor a list of these."""
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    wrong = [key for key, value in plain.items() if not _is_plain(value)]
    if wrong:
        raise ValueError(
            "\n".join(
                f"policy.parameters.{key} = {given[key]!r}: expected a finite number, text, true or false, or a list "
                "of these; correct the value."
                for key in wrong
            )
        )
    return plain


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(one) and not isinstance(one, tuple) for one in value)
    return isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))


class PolicyChoice(Section):
    """A policy by name, and those of its parameters that differ from its own defaults."""

    name: str = Field(min_length=1, description='the name of a policy, such as "depth_rule"')
    parameters: Annotated[dict[str, Any], AfterValidator(_plain)] = Field(
        default_factory=dict, description="a table of the policy's parameters"
    )


LEARNS_BY_LOT = "value"
# The one section with a default: programmes from before it, the stored ones too, mean what they meant.
SHIPPED_CHOICE = PolicyChoice(name="depth_rule")
