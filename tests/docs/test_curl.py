"""The stand-in for curl sends what curl would, and prints what the page expects."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.docs.curl import main


class _Echo(BaseHTTPRequestHandler):
    """Answers with what was asked."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        said = f"{self.command} {self.path} {self.headers.get('x-name')} {self.headers.get_content_type()} {body}"
        self.send_response(201)
        self.send_header("idempotent-replayed", "true")
        self.end_headers()
        self.wfile.write(said.encode())

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_plain_request_is_a_get_with_its_headers(place: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["-s", "-H", "X-Name: anna", f"{place}/v1?after=0"]) == 0
    assert capfd.readouterr().out == "GET /v1?after=0 anna text/plain "


def test_a_body_makes_it_a_post_of_json_and_may_stand_in_a_file(
    place: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "basket.json").write_text('{"lines": []}')
    main([f"{place}/a", "--json", f"@{tmp_path}/basket.json"])
    assert capfd.readouterr().out == 'POST /a None application/json {"lines": []}'
    main(["-X", "PUT", f"{place}/a", "--json", "{}"])
    assert capfd.readouterr().out == "PUT /a None application/json {}"


def test_status_and_header_follow_and_the_body_goes_elsewhere(
    place: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main([place, "-o", str(tmp_path / "body"), "-w", "%{http_code} %header{idempotent-replayed}\\n"])
    assert capfd.readouterr().out == "201 true\n"
    assert (tmp_path / "body").read_text().startswith("GET / ")


def test_nobody_there_is_curls_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9/"]) == 7
    assert capfd.readouterr().out == ""
