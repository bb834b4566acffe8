import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI

from engine.serving.app import create_app
from engine.settings import Settings


class Browser:
    """Asks the app without a network, from an address of our choice."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self.app = app
        self.address = address

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(
                self.app, raise_app_exceptions=False, client=(self.address, 50_000)
            )
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
                return await client.get(
                    path, headers={name.replace("_", "-"): v for name, v in headers.items()}
                )

        return asyncio.run(ask())


Serve = Callable[..., Browser]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server on the workspace `tmp_path`, at nine o'clock after the night of 4 December 2017."""
    apps: list[FastAPI] = []

    def start(*, address: str = "127.0.0.1", demo: bool = True, workspace: Path = tmp_path) -> Browser:
        settings = Settings(workspace=workspace, clock="fixed:2017-12-04T09:00:00Z", demo=demo)
        apps.append(create_app(settings))
        return Browser(apps[-1], address)

    yield start
    for app in apps:
        app.state.deployment.close()
    structlog.reset_defaults()
