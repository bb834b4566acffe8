import asyncio
import json
import logging
import socket
from pathlib import Path

import httpx
import pytest
import uvicorn

from engine.serving.app import SERVED_WITH, create_app
from engine.settings import Settings
from engine.store import Store
from tests.engine.bundles import a_night
from tests.engine.serving.conftest import Serve


def test_the_log_has_the_route_and_never_the_customer(
    serve: Serve, embedded_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    browser.get("/v1/customers/anna/offers", x_request_id="till-1")
    browser.get("/demo?customer=anna")
    browser.get(f"/v1/customers/{'anna' * 50}/offers")
    browser.get("/v1/customers/anna/nothing")
    logged = capsys.readouterr().err
    assert "anna" not in logged
    first = json.loads(logged.splitlines()[0])
    assert (first["route"], first["status"], first["request_id"]) == (
        "/v1/customers/{customer_id}/offers",
        200,
        "till-1",
    )


def test_the_access_log_that_would_print_paths_is_off(serve: Serve) -> None:
    logging.getLogger("uvicorn.access").addHandler(logging.NullHandler())
    serve()
    assert not logging.getLogger("uvicorn.access").hasHandlers()


def test_a_defect_is_logged_with_its_place_and_without_the_customer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = create_app(Settings(workspace=tmp_path, clock="system"))

    @app.get("/boom/{customer_id}")
    def boom(customer_id: str) -> None:
        try:
            {}[customer_id]
        except KeyError as error:
            raise ValueError(f"no such customer: {customer_id}") from error

    async def ask() -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, **SERVED_WITH))
        running = asyncio.create_task(server.serve([listening]))
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/boom/anna-4711")
        server.should_exit = True
        await running
        return answer.status_code

    assert asyncio.run(ask()) == 500
    logged = capfd.readouterr().err
    assert "anna-4711" not in logged
    for kept in ("test_request_log.py", "in boom", "KeyError\n", "ValueError\n"):
        assert kept in logged
