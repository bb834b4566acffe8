import asyncio
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import insert

from engine.domain.console_users import Role
from engine.serving.app import create_app
from engine.settings import Settings
from engine.store import open_store
from engine.store.schema.console_tables import console_users
from tests.engine.databases import Databases

PASSWORD = "correct horse battery"  # noqa: S105 - of a test
# The same, hashed in a moment: how long a hash takes stands in the hash, and is not what these tests are about.
QUICK_HASH = "$argon2id$v=19$m=8,t=1,p=1$Zs2McQatr9JMdscDu9sg3A$aRMjCacFQy7lxDWZj5vcFjHDAOBiYfmTN9WpR7feIOQ"
SITE = "https://console.example"


class Desk:
    """A person's browser at the console, without a network: keeps its cookies and fills in forms as they were shown."""

    def __init__(self, app: FastAPI, address: str = "10.0.0.1") -> None:
        self.app = app
        self.address = address
        self.cookies = httpx.Cookies()
        self.shown = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._send("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form with the token of the page that was shown last, unless another one is given."""
        token = re.search(r'name="form_token" value="(\w+)"', self.shown)
        sent = {"form_token": token[1] if token else ""} | (fields or {})
        return self._send("POST", path, urlencode(sent), headers)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        self.get("/console/sign-in")
        return self.post("/console/sign-in", {"name": name, "password": password})

    def reads(self, path: str) -> str:
        """A page's words, without its tags."""
        answer = self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"))
        return words_of(answer.text)

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.address, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=SITE, cookies=self.cookies) as client:
                answer = await client.request(method, path, headers=sent, content=body)
                self.cookies = client.cookies
                return answer

        answer = asyncio.run(send())
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.shown = answer.text
        return answer


def words_of(html: str) -> str:
    without = re.sub(r"<(style|title)>.*?</\1>|<!--.*?-->|<[^>]*>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(without).split())


def let_in(store_url: str, role: Role) -> None:
    """Make a user of a role, named like it."""
    store = open_store(store_url)
    with store.writing() as connection:
        row = {"user_id": f"u_{role}", "name": role.value, "role": role.value, "created_us": 0}
        connection.execute(insert(console_users).values(row | {"password_hash": QUICK_HASH}))
    store.close()


OpenDesk = Callable[..., Desk]


@pytest.fixture
def desk(databases: Databases, tmp_path: Path) -> Iterator[OpenDesk]:
    """Open browsers at the console of the workspace `tmp_path`, at nine o'clock after the night of 4 December 2017.

    With a role it is signed in as a user of that role's name.
    """
    apps: list[FastAPI] = []
    known: set[Role] = set()

    def open_desk(role: Role | None = None, workspace: Path = tmp_path, **changes: object) -> Desk:
        if not apps or changes:
            settings = Settings.model_validate(
                {"workspace": workspace, "clock": "fixed:2017-12-04T09:00:00Z"} | changes
            )
            if workspace == tmp_path and not settings.store_url:
                databases.embed(settings.store)
            apps.append(create_app(settings))
        opened = Desk(apps[-1])
        if role is not None:
            if role not in known:
                known.add(role)
                let_in(apps[-1].state.deployment.settings.store, role)
            assert opened.sign_in(role.value).status_code == 303
        return opened

    yield open_desk
    for app in apps:
        app.state.deployment.close()
    structlog.reset_defaults()
