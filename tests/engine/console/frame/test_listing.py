import csv
import io

from engine.console.frame.listing import Entry, Head, csv_file, listing
from engine.console.frame.texts import texts_in
from engine.console.frame.visit import ConsoleVisit

HEADS = [Head("name", "Name"), Head("cost", "Cost", is_figure=True)]
ROWS = [
    [Entry(name, name), Entry(cost, str(cost))] for name, cost in (("milk", 30), ("bread", 4), ("jam", None))
]


def asked(**query: str) -> ConsoleVisit:
    return ConsoleVisit(
        here=None,  # type: ignore[arg-type] - a table asks nothing of the deployment
        store=None,  # type: ignore[arg-type]
        path="/console/nights",
        names={},
        query=query,
        form={},
        texts=texts_in("en"),
        user=None,
        token="",
        form_token="",
        address="",
        request_id="",
        is_secure=True,
    )


def names(**query: str) -> list[str]:
    return [row[0].words for row in listing(asked(**query), HEADS, ROWS, sort="name").rows]


def test_rows_come_in_the_order_that_the_address_asks_for() -> None:
    assert names() == ["bread", "jam", "milk"]
    assert names(sort="cost") == ["jam", "bread", "milk"]
    assert names(sort="cost", down="1") == ["milk", "bread", "jam"]
    assert names(sort="password_hash", down="1") == ["bread", "jam", "milk"]


def test_a_row_is_found_by_all_words_of_the_filter_whatever_their_case() -> None:
    assert names(q="MI lk") == ["milk"]
    assert names(q="tea") == []


def test_a_long_table_comes_in_pages_and_a_page_that_there_is_not_is_the_nearest() -> None:
    many = [[Entry(f"{n:03}", f"{n:03}"), Entry(n, str(n))] for n in range(120)]
    last = listing(asked(page="99"), HEADS, many, sort="name")
    assert (last.first, last.last, last.found) == (101, 120, 120)
    assert (last.before, last.after) == ("/console/nights?page=2", "")
    assert listing(asked(page="-1"), HEADS, many, sort="name").first == 1


def test_a_cell_of_an_export_is_never_a_formula() -> None:
    hostile = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"]
    rows = [[Entry(text, text), Entry(-5, "-5")] for text in hostile]
    body = bytes(csv_file(asked(), "nights", HEADS, rows, sort="name").body).decode()
    read = list(csv.reader(io.StringIO(body, newline="")))
    assert read[0] == ["name", "cost"]
    assert all(name.startswith("'") for name, _ in read[1:])
    assert {cost for _, cost in read[1:]} == {"-5"}  # a figure stays one
