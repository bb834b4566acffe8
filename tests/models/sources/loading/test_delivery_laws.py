"""Whatever was delivered in whatever parts: the workspace is one load of what each store's day was last said to be."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.sources import Data, load, open_data
from models.sources.loading.delivery_plan import Lacking
from tests.models.sources.small import rows, write_small_shop

pytestmark = pytest.mark.long

HEADER = "customer_id,store_id,basket_id,line_no,purchased_at,product_id,quantity,paid"
DAY = 24 * 60
# Minutes into a day, and the number of the line: late in the evening and early in the morning, one receipt.
MOMENTS = {10 * 60: 1, 10 * 60 + 1: 2, DAY - 2: 3, 1: 10}
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


NOBODY = ""
# Before the shop's first day, so set aside with every delivery that holds it.
OF_1980 = "anna,north,0009,1,1980-01-01 10:00:00,milk,1,1"


class Line(NamedTuple):
    customer: str
    store: str
    receipt: str
    minute: int  # since the first of March, in UTC
    product: str
    pieces: int
    line_no: int | None

    @property
    def till(self) -> tuple[str, str, str]:
        return self.customer, self.store, self.receipt

    def text(self) -> str:
        day, minute = divmod(self.minute, DAY)
        number = "" if self.line_no is None else self.line_no
        moment = f"2024-03-{day + 1:02d} {minute // 60:02d}:{minute % 60:02d}:00"
        # Ben's tills forget the sign of what is returned.
        quantity = abs(self.pieces) if self.customer == "ben" else self.pieces
        return f"{self.customer},{self.store},{self.receipt},{number},{moment},{self.product},{quantity},{self.pieces}"


def day_of(line: Line, among: Iterable[Line]) -> int:
    """The day of the receipt's first line: the evening before, if the receipt began then and its lines go on counting."""
    own = line.minute // DAY
    receipt = [other for other in among if other.till == line.till]
    evening = [
        other
        for other in receipt
        if other.minute // DAY == own - 1
        and other.minute % DAY > DAY - 360
        and line.minute - other.minute <= 360
    ]
    morning = [other for other in receipt if other.minute // DAY == own and other.minute % DAY < 360]
    return own - (bool(evening) and go_on(morning, evening))


def go_on(morning: list[Line], evening: list[Line]) -> bool:
    return (
        line_nos(morning) == [] or line_nos(evening) == [] or min(line_nos(morning)) > max(line_nos(evening))
    )


def known(some: list[Line]) -> list[Line]:
    """What is sold without a card is kept in no bucket."""
    return [line for line in some if line.customer != NOBODY]


def line_nos(some: list[Line]) -> list[int]:
    return [line.line_no for line in some if line.line_no is not None]


def replaced_days(stored: list[Line], delivered: list[Line]) -> set[tuple[str, int]]:
    """The stores' days that a delivery brings: not for a receipt that only goes on one of the evening before.

    A line of nobody's brings its day too, but in the morning, when it may go on a receipt of the evening before.
    """
    cardless = {
        (line.store, line.minute // DAY)
        for line in delivered
        if line.customer == NOBODY and line.minute % DAY >= 420
    }
    delivered = known(delivered)
    receipts: dict[tuple[tuple[str, str, str], bool, int], list[Line]] = {}
    for line in delivered:
        receipts.setdefault((line.till, line.pieces < 0, day_of(line, delivered)), []).append(line)
    days = {(till[1], day) for till, _, day in receipts} | cardless
    brought = set(cardless)
    for (till, _, day), morning in receipts.items():
        last = max(line.minute for line in morning)
        evening = [
            line
            for line in stored
            if line.till == till
            and line.minute // DAY == day_of(line, stored) == day - 1
            and last - line.minute <= 360
        ]
        if (till[1], day - 1) in days or not evening or not go_on(morning, evening):
            brought.add((till[1], day))
    return brought


def appended(stored: list[Line], delivered: list[Line], lacking: Lacking) -> list[Line]:
    """What one load would have to hold after a delivery."""
    gone = set() if lacking is Lacking.ADD else replaced_days(stored, delivered)
    delivered = known(delivered)
    mornings = {
        (line.till, line.minute // DAY) for line in delivered if day_of(line, delivered) < line.minute // DAY
    }
    stay = Counter(
        line
        for line in stored
        if (line.store, day_of(line, stored)) not in gone
        or (day_of(line, stored) < line.minute // DAY and (line.till, line.minute // DAY) not in mornings)
    )
    fresh = Counter(delivered)
    together = list(stay | fresh)

    def name(line: Line) -> tuple[object, ...]:
        return line.till, day_of(line, together), line.pieces < 0, line.line_no

    corrected = {name(line) for line in fresh if line.line_no is not None}
    stay = Counter({line: n for line, n in stay.items() if name(line) not in corrected})
    return sorted((stay | fresh).elements(), key=str)


COLUMNS = """customer_id, product_id, store_id, basket_id, line_no, epoch_us(purchased_at), quantity_milli, paid_minor"""


def workspace_lines(data: Data) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    with duckdb.connect() as con:
        for bucket in range(data.buckets):
            query = f"""SELECT {COLUMNS} FROM read_parquet(?) JOIN read_parquet(?) USING (customer_no)
                JOIN read_parquet(?) USING (product_no)"""
            files = [str(data.purchases(bucket)), str(data.customers(bucket)), str(data.products)]
            found.update(con.execute(query, files).fetchall())
    return found


@st.composite
def lines(draw: st.DrawFn, *, numbered: bool, returns: bool = True) -> Line:
    day, minute = draw(st.integers(0, 2)), draw(st.sampled_from(sorted(MOMENTS)))
    number = draw(st.sampled_from([0, MOMENTS[minute] + day])) if minute == 1 else MOMENTS[minute]
    return Line(
        draw(st.sampled_from(["anna", "ben", NOBODY])),
        draw(st.sampled_from(["", "north"])),
        draw(st.sampled_from(["0001", "0002"])),
        day * DAY + minute,
        draw(st.sampled_from(["milk", "bread"])),
        draw(st.sampled_from([1, 2, -1] if returns else [1, 2])),
        number if numbered else None,
    )


def unique_number(line: Line) -> tuple[object, ...]:
    return line.till, line.minute, line.pieces < 0


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[list[Line], Lacking]]:
    numbered = draw(st.booleans())
    unique = unique_number if numbered else None
    one = st.lists(lines(numbered=numbered), min_size=1, max_size=6, unique_by=unique).filter(known)
    return draw(
        st.lists(st.tuples(one, st.sampled_from([Lacking.REPLACE, Lacking.ADD])), min_size=2, max_size=4)
    )


def write(folder: Path, delivered: Iterable[Line], *more: str) -> Path:
    text = (*(line.text() for line in delivered), *more)
    return write_small_shop(folder, lines=text, header=HEADER, timezone="UTC", first_day="2024-03-01")


@FEW
@given(deliveries(), st.booleans())
def test_appends_are_one_load_of_the_last_delivery_of_every_day_of_a_store(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[list[Line], Lacking]], twice: bool
) -> None:
    folder = tmp_path_factory.mktemp("law")
    load(write(folder / "first", parts[0][0], OF_1980), folder / "w", buckets=2, threads=1)
    stored = known(parts[0][0])
    for delivered, lacking in parts[1:]:
        before = workspace_lines(open_data(folder / "w"))
        shop = write(folder / "next", delivered, OF_1980)
        summary = load(shop, folder / "w", append=True, lacking=lacking, threads=1)
        if twice:
            again = load(shop, folder / "w", append=True, lacking=lacking, threads=1)
            assert again.fingerprint == summary.fingerprint
            assert again.appended
            assert again.appended.replaced_lines == 0
        stored = appended(stored, delivered, lacking)
        data = open_data(folder / "w")
        gone = before - workspace_lines(data)
        assert summary.appended
        assert summary.appended.replaced_lines == gone.total()
        if gone:
            noted = rows(data.folder / "replaced.parquet", f"load_id, {COLUMNS}")
            assert Counter(line[1:] for line in noted if line[0] == summary.load_id) == gone
    whole = load(write(folder / "whole", stored, OF_1980), folder / "w-whole", buckets=2, threads=1)
    assert open_data(folder / "w").fingerprint == whole.fingerprint


@FEW
@given(st.data())
def test_days_of_stores_may_come_in_any_order_and_nothing_stops_them(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("order")
    numbered = data.draw(st.booleans())
    unique = unique_number if numbered else None
    everything = data.draw(
        st.lists(lines(numbered=numbered), min_size=1, max_size=12, unique_by=unique).filter(known)
    )
    parts: dict[tuple[str, int], list[Line]] = {}
    for line in everything:  # as a till's clock cuts them, also through a receipt
        parts.setdefault((line.store, line.minute // DAY), []).append(line)
    first, *later = data.draw(st.permutations([part for part in parts.values() if known(part)]))
    load(write(folder / "first", first), folder / "w", buckets=2, threads=1)
    for delivered in later:
        load(write(folder / "next", delivered), folder / "w", append=True, threads=1)
    whole = load(write(folder / "whole", everything), folder / "w-whole", buckets=2, threads=1)
    assert open_data(folder / "w").fingerprint == whole.fingerprint
