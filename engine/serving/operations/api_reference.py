"""`/docs`: what the server answers, as one page without scripts, written from its own OpenAPI description.

The usual viewers load a megabyte of scripts from elsewhere and stay blank without the internet; the description
itself is at `/openapi.json` for everything that reads it.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from importlib import resources
from string import Template
from typing import Any

from fastapi import APIRouter, Request, Response

router = APIRouter(include_in_schema=False)

_PAGES = resources.files("engine.serving.operations") / "pages"
_PAGE = Template((_PAGES / "reference.html").read_text(encoding="utf-8"))
_STYLE = (_PAGES / "reference.css").read_text(encoding="utf-8")
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_REF = "#/components/schemas/"


@router.get("/docs")
def get_docs(request: Request) -> Response:
    """Return the page."""
    return Response(render_reference(request.app.openapi()), headers=_HEADERS, media_type="text/html")


def render_reference(page: dict[str, Any]) -> str:
    """Return an OpenAPI description as HTML: its operations by tag, then the shapes they speak of."""
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in page["paths"].items():
        for method, operation in item.items():
            by_tag.setdefault(operation.get("tags", ["other"])[0], []).append((method, path, operation))
    shapes = page.get("components", {}).get("schemas", {})
    return _PAGE.substitute(
        style=_STYLE,
        title=escape(page["info"]["title"]),
        version=escape(page["info"]["version"]),
        contents="".join(_contents(tag, operations) for tag, operations in by_tag.items()),
        operations="".join(
            f"<h2>{escape(tag)}</h2>{''.join(_operation(*one, shapes) for one in operations)}"
            for tag, operations in by_tag.items()
        ),
        shapes="".join(_shape(name, shape) for name, shape in sorted(shapes.items())),
    )


def _contents(tag: str, operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    links = "".join(
        f'<li><a href="#{escape(operation["operationId"])}"><b class="{method}">{method.upper()}</b> '
        f"{escape(path)}</a></li>"
        for method, path, operation in operations
    )
    return f"<div><h3>{escape(tag)}</h3><ul>{links}</ul></div>"


def _operation(method: str, path: str, operation: dict[str, Any], shapes: dict[str, Any]) -> str:
    answers = "".join(_answer(status, answer) for status, answer in sorted(operation["responses"].items()))
    return (
        f'<section class="operation" id="{escape(operation["operationId"])}">'
        f'<h3><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code></h3>'
        f'<p class="summary">{escape(operation.get("summary", ""))}</p>'
        f"{_paragraphs(operation.get('description', ''))}"
        f"{_parameters(operation.get('parameters', []))}"
        f"{_asked(operation.get('requestBody'), shapes)}"
        f'<h4>Answers</h4><ul class="answers">{answers}</ul></section>'
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}"
        f"{', required' if one.get('required') else ''}</td><td>{_type(one.get('schema', {}))}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in parameters
    )
    return f'<div class="wide"><table>{rows}</table></div>' if rows else ""


def _asked(body: dict[str, Any] | None, shapes: dict[str, Any]) -> str:
    if body is None:
        return ""
    found = "".join(_media(_with_examples(content, shapes)) for content in body["content"].values())
    return f"<h4>Body</h4>{found}"


def _answer(status: str, answer: dict[str, Any]) -> str:
    headers = ", ".join(f"<code>{escape(name)}</code>" for name in answer.get("headers", {}))
    content = "".join(_media(media) for media in answer.get("content", {}).values())
    return (
        f'<li><p><b class="s{status[0]}">{escape(status)}</b> {escape(answer.get("description", ""))}'
        f"{f' <span>with {headers}</span>' if headers else ''}</p>{content}</li>"
    )


def _media(media: dict[str, Any]) -> str:
    schema = media.get("schema", {})
    shape = f"<p>{_type(schema)}</p>" if "$ref" in schema else ""
    examples = "".join(
        f"<details><summary>{escape(name)}</summary><pre>"
        f"{escape(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))}</pre></details>"
        for name, value in _examples(media)
    )
    return shape + examples


def _with_examples(media: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """A body's content with the examples of its schema, or of the shape that the schema names."""
    schema = media["schema"]
    shape = shapes.get(str(schema.get("$ref", "")).removeprefix(_REF), {})
    found = schema.get("examples") or shape.get("examples", [])
    return {"examples": {f"example {number}": {"value": one} for number, one in enumerate(found, 1)}} | media


def _examples(media: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in media:
        yield "example", media["example"]
    for name, example in media.get("examples", {}).items():
        yield name, example["value"]


def _shape(name: str, shape: dict[str, Any]) -> str:
    required = shape.get("required", [])
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(about)}{'' if field in required else ', optional'}</td>"
        f"<td>{escape(about.get('description', ''))}</td></tr>"
        for field, about in shape.get("properties", {}).items()
    )
    return (
        f'<section class="operation" id="{escape(name)}"><h3>{escape(name)}</h3>'
        f"{_paragraphs(shape.get('description', ''))}"
        f'<div class="wide"><table>{rows}</table></div></section>'
    )


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).removeprefix(_REF))
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(
            f"<code>{escape(str(one))}</code>" for one in schema.get("enum", [schema.get("const")])
        )
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("format") or schema.get("type", "any")))
