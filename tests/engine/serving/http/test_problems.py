from tests.engine.serving.conftest import Serve


def test_an_unknown_path_is_a_problem_with_key_and_request_id(serve: Serve) -> None:
    answer = serve().get("/v1/points")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:abonement:problem:not_found",
        "title": "There is nothing here",
        "status": 404,
        "detail": "See /docs for what this server answers.",
        "key": "not_found",
        "request_id": answer.headers["x-request-id"],
    }


def test_a_request_id_of_the_caller_is_kept_if_it_is_harmless(serve: Serve) -> None:
    browser = serve()
    assert browser.get("/health/live", x_request_id="till-7.8812").headers["x-request-id"] == "till-7.8812"
    assert browser.get("/health/live", x_request_id="a b{c}").headers["x-request-id"] != "a b{c}"


def test_json_that_is_sent_as_a_form_is_told_which_header_it_lacks(serve: Serve) -> None:
    body = b'{"customer_id": "1029"}'
    answer = serve().ask("POST", "/v1/tokens", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "body: expected JSON, sent with Content-Type: application/json"


def test_json_that_is_no_object_is_not_blamed_on_its_header(serve: Serve) -> None:
    answer = serve().ask("POST", "/v1/tokens", b"[]", content_type="application/json")
    assert answer.status_code == 422
    assert "Content-Type" not in answer.json()["detail"]


def test_a_defect_of_ours_is_a_problem_that_tells_nothing_about_it(serve: Serve) -> None:
    browser = serve()

    @browser.app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("customer 1029 is held out")

    answer = browser.get("/broken")
    assert (answer.status_code, answer.json()["key"]) == (500, "internal_error")
    assert "1029" not in answer.text


def test_every_route_documents_every_status_with_an_example(serve: Serve) -> None:
    page = serve().get("/openapi.json").json()
    without = [
        (path, method, status)
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        if not ("example" in content or content.get("examples"))
    ]
    assert without == []
    assert "Problem" in page["components"]["schemas"]
