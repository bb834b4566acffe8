import base64
import hashlib
import re
from urllib.parse import urljoin

import pytest

from tests.engine.serving.conftest import Serve


def policy(headers: str) -> dict[str, str]:
    """A content security policy by directive."""
    return dict(part.strip().split(" ", 1) for part in headers.split(";"))


def test_the_reference_names_no_host_and_everything_it_loads_is_ours(serve: Serve) -> None:
    browser = serve()
    page = browser.get("/docs")
    assert page.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for address in loaded:
        answer = browser.get(urljoin("/docs", address))
        assert answer.status_code == 200
        assert len(answer.content) > 500


def test_the_reference_draws_the_description_of_this_server(serve: Serve) -> None:
    browser = serve()
    (address,) = re.findall(r"url: '([^']+)'", browser.get("/docs").text)
    described = browser.get(urljoin("/docs", address)).json()
    assert "/v1/customers/{customer_id}/offers" in described["paths"]
    assert not [path for path in described["paths"] if path.startswith("/docs")]


def test_the_browser_is_told_to_load_and_to_ask_nothing_but_this_server(serve: Serve) -> None:
    page = serve().get("/docs")
    allowed = policy(page.headers["content-security-policy"])
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == f"'self' 'sha256-{digest}'"
    assert allowed["style-src"] == "'self'"
    assert allowed["connect-src"] == "'self'"
    assert allowed["frame-ancestors"] == "'none'"


def test_the_description_is_sent_to_nobody_to_be_checked(serve: Serve) -> None:
    assert '"validatorUrl": null' in serve().get("/docs").text


@pytest.mark.parametrize(
    ("file", "kind"),
    [("swagger-ui-bundle.js", "text/javascript"), ("swagger-ui.css", "text/css")],
)
def test_a_file_of_the_reference_is_sent_once_to_a_browser(serve: Serve, file: str, kind: str) -> None:
    browser = serve()
    first = browser.get(f"/docs/assets/{file}")
    assert first.headers["content-type"].startswith(kind)
    again = browser.get(f"/docs/assets/{file}", if_none_match=first.headers["etag"])
    assert again.status_code == 304


def test_beside_the_files_of_the_reference_there_is_nothing(serve: Serve) -> None:
    for path in (
        "/docs/assets/",
        "/docs/assets/nothing.js",
        "/docs/assets/../main.py",
        "/docs/assets/..%2fmain.py",
    ):
        assert serve().get(path).status_code == 404
