"""The description that clients are generated from: every status of every operation has an example that fits."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine.serving.app import create_app
from engine.settings import Settings

PAGE = create_app(Settings(workspace=Path("nowhere"), clock="system")).openapi()
# Answers without a body have nothing to show.
WITHOUT_BODY = {"204", "304"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in PAGE["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def answers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, operation in operations():
        for status, answer in operation["responses"].items():
            yield name, status, answer


def fits(value: object, schema: dict[str, Any]) -> None:
    jsonschema.validate(
        value, schema | {"components": PAGE["components"]}, format_checker=jsonschema.FormatChecker()
    )


def examples(media: dict[str, Any]) -> list[Any]:
    named = [one["value"] for one in media.get("examples", {}).values()]
    return [media["example"], *named] if "example" in media else named


@pytest.mark.parametrize(("name", "status", "answer"), list(answers()))
def test_every_documented_status_has_an_example_that_fits_its_schema(
    name: str, status: str, answer: dict[str, Any]
) -> None:
    contents = answer.get("content", {})
    assert bool(contents) == (status not in WITHOUT_BODY), name
    for media in contents.values():
        shown = examples(media)
        assert shown
        for value in shown:
            fits(value, media.get("schema", {}))


@pytest.mark.parametrize(("name", "operation"), list(operations()))
def test_every_operation_says_what_it_does_and_every_argument_what_it_is(
    name: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"], name
    assert operation["description"], name
    assert all(one.get("description") for one in operation.get("parameters", []))


@pytest.mark.parametrize(
    ("name", "body"),
    [(name, one["requestBody"]) for name, one in operations() if "requestBody" in one],
)
def test_every_body_has_an_example_that_fits_its_schema(name: str, body: dict[str, Any]) -> None:
    for media in body["content"].values():
        schema = media["schema"]
        shape = schema
        if "$ref" in schema:
            shape = PAGE["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        shown = examples(media) or schema.get("examples") or shape.get("examples")
        assert shown, name
        for value in shown:
            fits(value, schema)


def test_a_problem_of_each_status_carries_that_status() -> None:
    for name, status, answer in answers():
        for value in examples(answer.get("content", {}).get("application/problem+json", {})):
            assert str(value["status"]) == status, name


def test_operations_are_named_as_a_client_would_call_them() -> None:
    names = {name: operation["operationId"] for name, operation in operations()}
    assert names["GET /v1/customers/{customer_id}/offers"] == "get_offers"
    assert names["POST /v1/redemptions/{redemption_id}/rollback"] == "post_rollback"
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names.values())
    assert len(set(names.values())) == len(names)


def test_the_description_says_where_the_server_is() -> None:
    assert PAGE["servers"] == [{"url": "/"}]
    public = Settings(workspace=Path("nowhere"), clock="system", public_url="https://offers.example.com")
    assert create_app(public).openapi()["servers"] == [{"url": "https://offers.example.com"}]
