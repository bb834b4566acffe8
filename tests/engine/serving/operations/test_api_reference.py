import re

from tests.engine.serving.conftest import Serve


def test_the_reference_lists_every_operation_and_every_key(serve: Serve) -> None:
    browser = serve()
    page, described = browser.get("/docs"), browser.get("/openapi.json").json()
    for path, item in described["paths"].items():
        for method, operation in item.items():
            assert f'<b class="{method}">{method.upper()}</b> <code>{path}</code>' in page.text
            assert f'id="{operation["operationId"]}"' in page.text
    for key in ("favourite_alcohol", "slots_full", "session_expired"):
        assert f"<summary>{key}</summary>" in page.text


def test_every_link_of_the_reference_leads_somewhere(serve: Serve) -> None:
    text = serve().get("/docs").text
    places = set(re.findall(r'id="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= places


def test_the_reference_loads_nothing_and_runs_no_script(serve: Serve) -> None:
    page = serve().get("/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(
        r"<script|<link rel=.stylesheet|src=|url\(|http", page.text.replace('href="data:', "")
    )
