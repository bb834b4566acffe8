"""What a form sends back to prove that our page showed it: no other site can read a page, so none can know it."""

import hashlib
import hmac
from collections.abc import Mapping


def form_token_of(token: str) -> str:
    """The proof for forms of the browser that holds a token; it does not tell the token."""
    return hmac.new(token.encode(), b"a form of the console", hashlib.sha256).hexdigest()


def is_ours(form: Mapping[str, str], token: str, headers: Mapping[str, str]) -> bool:
    """Whether a form came from a page that we showed to this very browser."""
    from_elsewhere = headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    sent = form.get("form_token", "")
    return (
        bool(token)
        and not from_elsewhere
        and hmac.compare_digest(sent.encode(), form_token_of(token).encode())
    )
