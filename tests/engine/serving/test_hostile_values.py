"""Whatever stands in the place of one value of a good request: an answer that the page documents, on both databases.

Values that break what they are passed to: NUL, halves of surrogate pairs, path marks, the first and last moment of the
calendar, numbers beyond 64 bits. Afterwards everything can still be read.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.nightly.folder.export import export_frame
from engine.serving.app import create_app
from engine.settings import Settings
from tests.engine.bundles import MONDAY
from tests.engine.databases import BACKENDS, Databases
from tests.engine.serving.conftest import Browser, served_shop

PAGE = create_app(Settings(workspace=Path("nowhere"), clock="system")).openapi()
WORDS = [
    "", " ", "\0", "1029\0", "1029\0x", "\ud800", "1\udfff", "a/b", "a\\b", "..", ".", "%00", "%2f", "\t", "\n", "\x7f", "\x85",
    "\u2028", "\ufeff", "\uffff", "🥛", "🥛" * 128, "x" * 128, "x" * 129, "x" * 9000, "' OR 1=1 --", "$1", "\\x00", "null",
    "0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z",
    "2017-12-04T09:00:00+23:59", "2017-12-05T09:00:00.000001Z", "2017-12-04T09:00:00", "1512378000", "-1e400",
]  # fmt: skip
HOSTILE = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.characters(), max_size=4),  # halves of surrogate pairs too
    st.sampled_from(
        [None, True, -1, 0, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400, 1.5, 1e308, float("inf"), [], {}]
    ),
)


class Asked(NamedTuple):
    """A good request as the page shows it, and where its values stand: ("path", name), ("body", key, ...) and so on."""

    method: str
    path: str
    given: dict[str, Any]
    places: list[tuple[Any, ...]]
    documented: set[int]


def good_requests() -> Iterator[Asked]:
    for path, methods in PAGE["paths"].items():
        for method, operation in methods.items():
            given: dict[str, Any] = {"path": {}, "query": {}, "header": {}}
            for one in operation.get("parameters", []):
                given[one["in"]][one["name"]] = (
                    one["schema"].get("examples") or [one["schema"].get("default")]
                )[0]
            given["header"] = {
                name: value for name, value in given["header"].items() if name == "Idempotency-Key"
            }
            for media in operation.get("requestBody", {}).get("content", {}).values():
                given["body"] = example_of(media)
            if path.endswith("/data"):
                given["path"]["customer_id"] = "nobody"  # the others need theirs
            statuses = {int(status) for status in operation["responses"]}
            yield Asked(method.upper(), path, given, list(places_in(given, ())), statuses)


def example_of(media: dict[str, Any]) -> Any:
    """The richest example of a body: the one with most text."""
    schemas = [media["schema"], *media["schema"].get("anyOf", [])]
    shapes = [
        PAGE["components"]["schemas"].get(one.get("$ref", "").rpartition("/")[2], {}) for one in schemas
    ]
    shown = [one["value"] for one in media.get("examples", {}).values()]
    shown += [one for shape in (*schemas, *shapes) for one in shape.get("examples", [])]
    return max(shown, key=lambda one: len(json.dumps(one)))


def places_in(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, entry in entries:
        yield from places_in(entry, (*at, name))
    if len(at) > 1:
        yield at


REQUESTS = [one for one in good_requests() if one.places]


@pytest.fixture(scope="module", params=BACKENDS)
def browser(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    with (
        databases.fresh(str(request.param)) as url,
        served_shop(url, tmp_path_factory.mktemp("hostile"), ["1029", "anna"]) as (app, secret),
    ):
        yield Browser(app, "127.0.0.1", secret)
    structlog.reset_defaults()


def ask(browser: Browser, asked: Asked, place: tuple[Any, ...], hostile: Any, number: int) -> int:
    """Send the request with that value in that place; the status."""
    given = copy.deepcopy(asked.given)
    holder = given
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = hostile
    path = asked.path
    for name, value in given["path"].items():
        path = path.replace(f"{{{name}}}", in_url(value))
    query = "&".join(f"{name}={in_url(value)}" for name, value in given["query"].items() if value is not None)
    headers = {"Idempotency-Key": f"k{number}", "content-type": "application/json"}
    if place[0] == "header":
        headers |= {place[1]: "".join(one for one in str(hostile) if " " <= one <= "~").strip()}
    body = json.dumps(given["body"]).encode() if "body" in given else None
    return browser.ask(asked.method, f"{path}?{query}", body, **headers).status_code


def in_url(value: Any) -> str:
    return quote(str(value).encode("utf-8", "surrogatepass"), safe="")


def try_all(browser: Browser, examples: int) -> None:
    numbers = iter(range(10**9))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.sampled_from(REQUESTS).flatmap(lambda one: st.tuples(st.just(one), st.sampled_from(one.places))),
        HOSTILE,
    )
    def one_value(found: tuple[Asked, tuple[Any, ...]], hostile: Any) -> None:
        asked, place = found
        status = ask(browser, asked, place, hostile, next(numbers))
        # A name with a slash, or none at all, is another path.
        assert status in asked.documented | ({404, 405} if place[0] == "path" else set()), (
            asked.path,
            place,
            hostile,
        )

    one_value()


def all_can_be_read(browser: Browser, folder: Path) -> None:
    for path in (
        "/v1/events?limit=1000",
        "/v1/customers/anna/export",
        "/v1/customers/anna/offers",
        "/v1/runs",
    ):
        assert browser.get(path).status_code == 200
    for what in ("redemptions", "favourites", "grants", "events", "audit"):
        export_frame(browser.app.state.deployment.store, folder, what, "current", None, MONDAY)


def test_no_value_in_no_place_is_more_than_a_documented_refusal(browser: Browser, tmp_path: Path) -> None:
    try_all(browser, examples=250)
    all_can_be_read(browser, tmp_path)


@pytest.mark.prove
def test_it_stays_so_for_many_values(browser: Browser, tmp_path: Path) -> None:
    try_all(browser, examples=3_000)
    all_can_be_read(browser, tmp_path)
