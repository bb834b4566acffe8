"""What a load would do, without doing it: `abonement load --check`.

Everything is read and judged as a load reads and judges it, in a temporary folder; the workspace is not touched.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from models.ground.progress import Progress, silent
from models.sources.loading.bad_row_samples import samples
from models.sources.loading.business_day import ShopClock, with_own_day
from models.sources.loading.customer_consent import unread_consents
from models.sources.loading.delivery import Delivery, leaves, stored_lines
from models.sources.loading.delivery_plan import Lacking, lacking_in_words, parse_days, plan_delivery
from models.sources.loading.dictionaries import erased
from models.sources.loading.doubtful_goods import doubt_goods
from models.sources.loading.line_identity import LINE, MAY_BE_SAME, told_apart
from models.sources.loading.load import appendable, day_of, in_use, read
from models.sources.loading.load_connection import as_sentences, connect
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.nobodys_lines import about_nobody
from models.sources.loading.product_vat import about_vat
from models.sources.loading.purchase_lines import clock_of, dated
from models.sources.loading.quarantine import bad_rows, causes_first, delivered
from models.sources.loading.suspicious_days import DayTotals, Jump, suspicious_days
from models.sources.reading.table_sources import declaration_of
from models.sources.stored.finished_load import TableCounts, missing_days
from models.tables import FAMILY_LEVELS

# What is paid for a unit lies within this factor of the products table's price, unless units are mistaken.
PRICE_FACTOR = 20.0


@dataclass(frozen=True)
class Report:
    """What a load would find.

    Attributes:
        lines: purchase lines that would be kept.
        customers: customers who would be known.
        products: products of the table.
        products_without_price: those whose price must be learnt from purchases.
        families: distinct families of each level.
        first_day, last_day: local days of the first and the last purchase; None where there is none.
        days: lines of every local day.
        missing_days: days between without any.
        tables: rows, kept rows and bad rows by reason of each table.
        samples: of each table one bad row for every reason, to look at.
        ignored_columns: columns that are not read.
        jumps: days that are unlike their neighbours, by more than chance does.
        hints: what in tables.toml might be meant otherwise.
        refused: why the load would be refused, None where it would not.
        erased: known customers whom a complete customers table no longer has.
        replaced_days: for a delivery: days that would be replaced in a store.
        replaced_lines: for a delivery: stored lines of those days that would go and do not come back as they were.
        late_days: for a delivery: stored days that would get lines and lose none, with their number.
        remarks: sentences about lines that are odd, with file, line and value.
    """

    lines: int
    customers: int
    products: int
    products_without_price: int
    families: dict[str, int]
    first_day: str | None
    last_day: str | None
    days: dict[str, int]
    missing_days: list[str]
    tables: dict[str, TableCounts]
    samples: dict[str, dict[str, str]]
    ignored_columns: dict[str, list[str]]
    jumps: list[Jump]
    hints: list[str]
    refused: str | None
    erased: int = 0
    replaced_days: list[str] = field(default_factory=list)
    replaced_lines: int = 0
    late_days: dict[str, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def check(
    source: Path | str,
    workspace: Path | None = None,
    *,
    tables: Path | None = None,
    append: bool = False,
    days: str | None = None,
    lacking: Lacking = Lacking.STOP,
    without_purchases: bool = False,
    memory: str = "2GB",
    threads: int | None = None,
    progress: Progress = silent,
    now: datetime | None = None,
) -> Report:
    """Read and judge what `load` with the same arguments would load; nothing is written into the workspace.

    Raises BadInput where `load` would, but for too many bad rows and for receipts that a delivery lacks, which the
    report names.
    """
    named, lacking = parse_days(days, lacking)
    declaration = declaration_of(source, tables)
    with (
        TemporaryDirectory(prefix="abonement-check-") as scratch,
        as_sentences(Path(scratch)),
        connect(Path(scratch), declaration, memory, threads or 2) as con,
    ):
        former = appendable(workspace or Path(scratch), declaration, None) if append else None
        known, today = in_use(workspace) if workspace else None, day_of(now, declaration)
        shop = LoadUnderWay(con, Path(scratch), declaration, {}, former, known, today)
        shop, _ = read(
            shop, source, Path(scratch) / "staged", None, progress, without_purchases=without_purchases
        )
        gone = erased(shop)
        clock = clock_of(shop)
        delivery = plan_delivery(shop, former, clock, named, lacking) if former else None
        refused = lacking_in_words(delivery) if delivery and lacking is Lacking.STOP else None
        return _report(shop, clock, delivery, gone, refused)


def _report(
    shop: LoadUnderWay, clock: ShopClock, delivery: Delivery | None, gone: int, refused: str | None
) -> Report:
    lines, of_several = _lines_that_stay(shop, clock)
    counts = delivered(shop, of_several)
    seen = {name: samples(shop, name) for name in shop.sources}
    found = shop.con.execute(f"""SELECT CAST(local_day AS VARCHAR), count(*), count(DISTINCT person), avg(paid_minor)
        FROM {lines} GROUP BY 1 ORDER BY 1""").fetchall()
    lines_of = {row[0]: row[1] for row in found}
    totals = {date.fromisoformat(day): DayTotals(*of_day) for day, *of_day in found}
    families = {level: shop.count(f"SELECT count(DISTINCT {level}) FROM shelf") for level in FAMILY_LEVELS}
    return Report(
        lines=counts["purchases"].kept,
        customers=shop.count(
            "SELECT count(*) FROM people WHERE listed OR person IN (SELECT person FROM buyers)"
        ),
        products=shop.count("SELECT count(*) FROM shelf"),
        products_without_price=shop.count("SELECT count(*) FROM shelf WHERE price_minor IS NULL"),
        families={level: number for level, number in families.items() if number},
        first_day=min(lines_of, default=None),
        last_day=max(lines_of, default=None),
        days=lines_of,
        missing_days=[day.isoformat() for day in missing_days(lines_of)],
        tables=counts,
        samples=seen,
        ignored_columns={name: list(s.ignored) for name, s in shop.sources.items() if s.ignored},
        jumps=suspicious_days(totals),
        hints=[
            *unread_consents(shop),
            *about_nobody(shop),
            *about_vat(shop),
            *doubt_goods(
                shop, f"(SELECT *, CASE WHEN by_weight THEN 'kg' ELSE 'piece' END AS unit FROM {lines})"
            ),
            *_hints_of_ids(shop),
            *_hints_of_prices(shop),
        ],
        refused=refused or _refusal(shop, counts, seen),
        erased=gone,
        replaced_days=[day.isoformat() for day in delivery.replaced] if delivery else [],
        replaced_lines=_replaced_lines(shop, delivery, lines) if delivery and delivery.replaced else 0,
        late_days={day.isoformat(): n for day, n in delivery.late_days.items()} if delivery else {},
        remarks=list(shop.remarks),
    )


def _lines_that_stay(shop: LoadUnderWay, clock: ShopClock) -> tuple[str, dict[str, int]]:
    """SQL of the delivered lines that a load would keep, and how many of the others there are by reason."""
    lines = f"(SELECT {LINE}, file_no, equal, true AS fresh FROM lines WHERE person IS NOT NULL)"
    rows, distinct, spans = shop.con.execute(
        f"SELECT count(*), count(DISTINCT {MAY_BE_SAME}), {clock.spans_midnight} FROM {lines}"
    ).fetchall()[0]
    lines = dated(shop.con, lines, clock) if spans else with_own_day(lines, clock)
    if rows == distinct:
        return lines, {}
    shop.con.execute(f"CREATE TEMP TABLE judged AS FROM {told_apart(lines)}")
    found = shop.con.execute(
        "SELECT why, count(*) FROM judged WHERE why IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return "(FROM judged WHERE why IS NULL)", dict(found)


def _replaced_lines(shop: LoadUnderWay, delivery: Delivery, lines: str) -> int:
    former = delivery.former
    buckets = range(former.buckets)
    stored = stored_lines(
        former,
        [former.purchases(b) for b in buckets],
        [former.customers(b) for b in buckets],
        "true",
        leaves(delivery.clock),
    )
    return shop.count(f"""SELECT count(*) FROM (
        SELECT {LINE} FROM ({stored}) WHERE leaves EXCEPT ALL SELECT {LINE} FROM {lines})""")


def _hints_of_ids(shop: LoadUnderWay) -> list[str]:
    """Whether lines of unknown products would find theirs if ids were numbers."""
    if shop.declaration.ids == "numbers":
        return []
    given, known = (
        f"regexp_replace({text}, '^0*([0-9]+)(\\.0*)?$', '\\1')"
        for text in ("trim(\"row\" ->> 'product_id')", "product_id")
    )
    found = shop.count(f"""SELECT count(*) FROM quarantine
        WHERE reason = 'unknown_product' AND {given} IN (SELECT {known} FROM shelf)""")
    if not found:
        return []
    return [
        f'{found:,} lines of unknown products would find theirs with ids = "numbers": leading zeros differ.'
    ]


def _hints_of_prices(shop: LoadUnderWay) -> list[str]:
    """Whether what is paid for a unit and the price of the products table are of one currency unit."""
    ratio = shop.con.execute("""SELECT median((paid_minor + discount_minor) * 1000.0 / quantity_milli / price_minor)
        FROM lines JOIN shelf USING (product_no)
        WHERE person IS NOT NULL AND quantity_milli > 0 AND paid_minor > 0 AND price_minor > 0""").fetchall()[
        0
    ][0]
    if ratio is None or 1 / PRICE_FACTOR < ratio < PRICE_FACTOR:
        return []
    return [
        f"What is paid for a unit is typically {ratio:,.3g} times the products table's price; look at money and units."
    ]


def _refusal(
    shop: LoadUnderWay, counts: dict[str, TableCounts], seen: dict[str, dict[str, str]]
) -> str | None:
    for name, table in causes_first(counts):
        bad = bad_rows(table)
        for_example = next(iter(seen[name].values()), "")
        if bad > shop.declaration.max_bad_share * table.rows:
            said = f"{bad:,} of {table.rows:,} {name} are bad, more than max_bad_share = {shop.declaration.max_bad_share:g}"
        elif name in {"purchases", "products"} and table.rows > 0 and table.kept == 0:
            said = f"No row of {name} is good"
        else:
            continue
        return f"{said}; {for_example}." if for_example else f"{said}."
    return None
