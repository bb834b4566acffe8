import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.login_views import customers_with_offers
from models.ground.errors import GuardRefused
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night

PASSWORD = "correct horse battery"  # noqa: S105 - of a test
LATE = "2024-04-10"  # days after the last purchase: the guard keeps this night back
MORNING = datetime.fromisoformat(f"{FIRST_NIGHT}T09:00:00+00:00")
_PATIENCE_SECONDS = 120


class Served:
    """A shop whose first night is published and whose second one was kept back, served by `abonement serve`."""

    def __init__(self, workspace: Path, address: str, customers: tuple[str, ...]) -> None:
        self.workspace, self.address, self.customers = workspace, address, customers


@pytest.fixture(scope="session")
def served(shop_after_a_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path_factory.mktemp("served") / "workspace"))
    with pytest.raises(GuardRefused):
        night(workspace, LATE)
    for role in (*Role, "clumsy"):
        words = [
            "user",
            "add",
            role,
            "--role",
            "viewer" if role == "clumsy" else role,
            "--workspace",
            workspace,
        ]
        subprocess.run(
            [sys.executable, "-m", "tests.browser.abonement", *map(str, words)],
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
        )
    store = open_store(store_url_in(workspace))
    customers = customers_with_offers(store, MORNING, limit=9)
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ABONEMENT_")}
    words = [
        "serve",
        "--workspace",
        str(workspace),
        "--clock",
        f"fixed:{MORNING.isoformat()}",
        "--port",
        str(port),
    ]
    log = (workspace.parent / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.abonement", *words], env=clean, stderr=log
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/live")
        yield Served(workspace, f"http://127.0.0.1:{port}/console", customers)
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, (
        "There is no Chromium; `make test-browser` installs Debian's as root, or install it by hand."
    )
    with sync_playwright() as playwright:
        # Without its sandbox, which a container's root may not have; it opens our own pages only.
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser, served: Served) -> Iterator[OpenPage]:
    """Open a page, signed in as a user of that role's name unless there is none."""
    contexts: list[BrowserContext] = []

    def opened(role: str | None, *, width: int = 1440, scheme: str = "light", language: str = "en") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=language,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_SECONDS * 1000)  # a report is drawn by a process of its own
        page.goto(f"{served.address}/sign-in")
        if role is not None:
            sign_in(page, role, PASSWORD)
            page.wait_for_url(served.address)
        return page

    yield opened
    for context in contexts:
        context.close()


def sign_in(page: Page, name: str, password: str) -> None:
    """Fill in the door's form."""
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.click("main button")


def _wait_for(address: str) -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
        except OSError:
            assert time.monotonic() < ends, f"{address} does not answer"
            time.sleep(0.2)
        else:
            return
