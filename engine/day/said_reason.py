"""The words that a shop gives for what it takes back."""

from unicodedata import category

from engine.domain.offer_errors import Refused

MAX_REASON = 300
# Control characters are none in a line for people, a terminal would obey them, and PostgreSQL holds no NUL.
_NEVER = frozenset({"Cc", "Cs"})


def said_reason(reason: str) -> str:
    """Return a reason as one line.

    Raises:
        Refused: invalid_request, it says nothing or too much, or has control characters.

    """
    words = " ".join(reason.split())
    if not 0 < len(words) <= MAX_REASON:
        raise Refused(
            "invalid_request",
            f"The reason has {len(words)} characters, expected 1 to {MAX_REASON} in words that people can read.",
        )
    if any(category(one) in _NEVER for one in words):
        raise Refused(
            "invalid_request",
            "The reason has a control character or half a character; write it as plain text.",
        )
    return words
