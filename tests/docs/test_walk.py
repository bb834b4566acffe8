"""docs/walk.md is what happens: every command is run, with the real server, and answers what the page shows."""

import pytest

from tests.docs.walk import PAGE, masked, run, steps


@pytest.mark.long
def test_the_week_goes_as_the_page_tells_it() -> None:
    told = steps(PAGE.read_text(encoding="utf-8"))
    answers = run([command for command, _ in told])
    # One text, so that a failure shows the lines that differ; `python -m tests.docs.walk` renews the page.
    shown = "".join(f"$ {command}\n{masked(answer)}" for command, answer in told)
    happened = "".join(
        f"$ {command}\n{masked(answer)}" for (command, _), answer in zip(told, answers, strict=True)
    )
    assert happened == shown


def test_the_page_sends_a_request_to_every_resource_of_the_day() -> None:
    sent = "\n".join(f"{command} " for command, _ in steps(PAGE.read_text(encoding="utf-8")))
    for place in (
        "/v1/tokens",
        "/offers",
        "/activate",
        "/deactivate",
        "/favourite",
        "/v1/validations",
        "/v1/redemptions",
        "/rollback",
        "/v1/events",
        "/export",
        "/data",
    ):
        assert f"{place} " in sent.replace('"', " ").replace("?", " "), place
