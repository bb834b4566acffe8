import json
import logging

import pytest

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
