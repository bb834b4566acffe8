"""Fills templates: what is filled in is escaped, and what a template asks for and nobody gave is an error.

A template is named by its place in the product, `engine/watch/run_page.html`, wherever the product is installed.
"""

import hashlib
from base64 import b64encode
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE = "models/pages/page.css"


def render(template: str, **values: object) -> str:
    """Return a template with its values filled in.

    Raises:
        jinja2.TemplateNotFound: there is no such file.
        jinja2.UndefinedError: the template asks for a value that was not given.
    """
    return _environment().get_template(template).render(values)


@lru_cache
def style_hash(stylesheet: str = STYLE) -> str:
    """A stylesheet, the skeleton's without a name, as a content security policy allows it: `'sha256-...'`."""
    return f"'sha256-{b64encode(hashlib.sha256(render(stylesheet).encode()).digest()).decode()}'"


@lru_cache
def _environment() -> "Environment":
    # Imported here, because a server that nobody asks for a page need not wait for it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_source),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _source(template: str) -> str | None:
    folder, _, file = template.rpartition("/")
    found = resources.files(folder.replace("/", ".")) / file
    return found.read_text(encoding="utf-8") if found.is_file() else None
