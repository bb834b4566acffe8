"""What a command that reads offers says where nobody has any at its moment: until when there were some."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.store import Store


def nobody_then(store: "Store", now: str | None) -> str:
    """The sentence; `now` as it was given, None where the deployment's clock was asked."""
    from engine.domain.customer_view import moment_text
    from engine.settings import deployment_now
    from engine.store.nights.login_views import last_offer_ends

    ends = last_offer_ends(store)
    asked = now or f"{moment_text(deployment_now())}, by the deployment's clock"
    if ends is None:
        return f"Nobody has an offer at {asked}: no night has left any that counts."
    return (
        f"Nobody has an offer at {asked}; the last of them end at {moment_text(ends)}. "
        "Name another moment with --now, or set ABONEMENT_CLOCK."
    )
