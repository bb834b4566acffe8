"""Every screen, on a phone and on a desk, in light and dark: pictures to look at, and nothing that keeps somebody out."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from engine.console.declared_pages import PAGES
from tests.browser.conftest import LATE, OpenPage, Served
from tests.engine.nightly.shop_nights import FIRST_NIGHT

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "build" / "console"
GRAVE = {"serious", "critical"}
# By the name of their picture: the page's path, and who looks at it.
SCREENS = {
    "sign-in": ("/sign-in", None),
    "today": ("", "approver"),
    "nights": ("/nights", "viewer"),
    "night": (f"/nights/{FIRST_NIGHT}.1", "approver"),
    "night-kept-back": (f"/nights/{LATE}.1", "approver"),
    "night-report": (f"/nights/{FIRST_NIGHT}.1/report", "viewer"),
    "night-at-work": ("/nights/at-work", "viewer"),
    "customers": ("/customers", "service_desk"),
    "customer": ("/customers/{first}", "admin"),
    "customer-unknown": ("/customers/nobody", "service_desk"),
    "why": ("/customers/{first}/why", "editor"),
    "programme": ("/programme", "viewer"),
    "programme-then": (f"/programme/{FIRST_NIGHT}.1", "viewer"),
    "products": ("/products", "editor"),
    "not-allowed": ("/customers", "viewer"),
    "nothing-here": ("/nothing/here", "viewer"),
}


def test_there_is_a_picture_of_every_declared_page() -> None:
    for one in PAGES:
        shape = re.sub(r"{\w+}", "[^/]+", one.path)
        shown = any(re.fullmatch(shape, path) for path, _ in SCREENS.values())
        assert shown or one.method == "POST", one.path


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [
        (390, "light", "en"),
        (390, "dark", "en"),
        (1440, "light", "en"),
        (1440, "dark", "en"),
        (390, "light", "de"),  # German words are longer, and a telephone is where they run out of room
    ],
)
def test_no_screen_keeps_anybody_out_or_runs_out_of_the_window(
    browse: OpenPage, served: Served, width: int, scheme: str, language: str
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {
        role: browse(role, width=width, scheme=scheme, language=language)
        for role in {role for _, role in SCREENS.values()}
    }
    for name, (path, role) in SCREENS.items():
        page = pages[role]
        page.goto(served.address + path.format(first=served.customers[0]))
        page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}-{language}.png", full_page=True)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        grave = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in GRAVE]
        assert grave == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("document.documentElement.lang") == (
            "en" if name == "night-report" else language
        )


@pytest.mark.parametrize("width", [360, 2560])
def test_the_narrowest_and_the_widest_window_hold_the_page(
    browse: OpenPage, served: Served, width: int
) -> None:
    page = browse("approver", width=width)
    for path in ("", "/nights", f"/nights/{LATE}.1"):
        page.goto(served.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
