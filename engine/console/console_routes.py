"""How the server asks for the console's pages: routes of its own, behind the ones of apps and tills."""

from starlette.routing import Route

from engine.console.declared_pages import PAGES
from engine.console.door.doorkeeper import DeclaredPage, Doorkeeper, not_found
from engine.console.frame.visit import Console
from engine.domain.console_users import Role

_EVERYTHING_ELSE = tuple(
    DeclaredPage(method, "/{rest:path}", not_found, Role.VIEWER) for method in ("GET", "POST")
)


def console_routes(here: Console) -> list[Route]:
    """The routes of every declared page, and of what is under the console's address and is none."""
    keeper = Doorkeeper(here)
    return [keeper.route(one) for one in (*PAGES, *_EVERYTHING_ELSE)]
