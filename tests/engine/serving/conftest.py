import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI

from engine.domain.access_keys import Scope
from engine.programme import programme_text
from engine.serving.app import create_app
from engine.settings import Settings
from engine.store import Store, open_store
from engine.store.access.server_keys import create_key
from tests.engine.databases import Databases
from tests.engine.shop import GRANTS, publish_shop


class Browser:
    """Asks the app without a network, from an address of our choice."""

    def __init__(self, app: FastAPI, address: str, secret: str | None) -> None:
        self.app = app
        self.address = address
        self.secret = secret

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Send one request with the browser's key, and a body as JSON (or as it is, if it is bytes)."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret is not None:
            sent.setdefault("authorization", f"Bearer {self.secret}")
        return self._send(method, path, list(sent.items()), body)

    def with_headers(self, path: str, headers: list[tuple[str, str]]) -> httpx.Response:
        """Read with exactly these headers, of which some may be there twice."""
        return self._send("GET", path, headers)

    def _send(
        self, method: str, path: str, sent: list[tuple[str, str]], body: object = None
    ) -> httpx.Response:
        content = {"content": body} if isinstance(body, bytes) else {} if body is None else {"json": body}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(
                self.app, raise_app_exceptions=False, client=(self.address, 50_000)
            )
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
                return await client.request(method, path, headers=sent, **content)

        return asyncio.run(send())

    def with_secret(self, secret: str | None) -> "Browser":
        """The same app, asked with another key or token, or with none."""
        return Browser(self.app, self.address, secret)


Serve = Callable[..., Browser]


def a_key(store_url: str, scopes: Collection[Scope], **changes: Any) -> str:
    """The secret of a new key."""
    store = open_store(store_url)
    try:
        values = {"now": datetime.now(UTC), "expires_at": None} | changes
        return create_key(store, "tests", frozenset(scopes), **values)[1]
    finally:
        store.close()


@pytest.fixture
def serve(databases: Databases, tmp_path: Path) -> Iterator[Serve]:
    """Start a server on the workspace `tmp_path`, at nine o'clock after the night of 4 December 2017.

    Its browser holds a key with every scope, or with those that are asked for.
    """
    apps: list[FastAPI] = []

    def start(
        *,
        address: str = "127.0.0.1",
        demo: bool = True,
        workspace: Path = tmp_path,
        scopes: Collection[Scope] = tuple(Scope),
        **changes: Any,
    ) -> Browser:
        settings = Settings(workspace=workspace, clock="fixed:2017-12-04T09:00:00Z", demo=demo, **changes)
        if workspace.is_dir() and not settings.store_url:
            databases.embed(settings.store)
        apps.append(create_app(settings))
        return Browser(apps[-1], address, a_key(settings.store, scopes) if workspace.is_dir() else None)

    yield start
    for app in apps:
        app.state.deployment.close()
    structlog.reset_defaults()


@pytest.fixture
def browser(store: Store, serve: Serve) -> Browser:
    """Asks a server on the store, which is each database in turn."""
    return serve(store_url=store.engine.url.render_as_string(hide_password=False))


@contextmanager
def served_shop(url: str, workspace: Path, customers: Collection[str]) -> Iterator[tuple[FastAPI, str]]:
    """An app on a store with offers for the customers, and the secret of a key that may do everything, often."""
    store = open_store(url)
    publish_shop(store, list(customers), programme=programme_text() + GRANTS)
    store.close()
    app = create_app(
        Settings(
            workspace=workspace,
            store_url=url,
            clock="fixed:2017-12-04T09:00:00Z",
            rate_limit="1000000/second",
        )
    )
    yield app, a_key(url, list(Scope))
    app.state.deployment.close()
