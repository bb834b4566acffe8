"""Where a browser may be sent after signing in: pages of the console, never another site."""

import re

from engine.console.frame.visit import ADDRESS

# Of what our own links are made; a backslash, a second slash at the start or a line end is in none of them.
_OWN = re.compile(rf"{ADDRESS}(/(?!\.+(?:/|$))[\w.~%:@+-]+)*/?(\?[\w.~%:@+&=/-]*)?", re.ASCII)


def own_address(asked: str) -> str:
    """The address if it is one of ours, else the first page's."""
    return asked if _OWN.fullmatch(asked) else ADDRESS
