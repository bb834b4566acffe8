"""A load from beginning to end: dictionaries, one pass over all lines, each bucket sorted, counted, published."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from shutil import rmtree

from models.ground.errors import AbonementError, BadInput
from models.ground.moment import Moment
from models.ground.progress import Progress, silent
from models.sources.loading.business_day import ShopClock
from models.sources.loading.customer_consent import unread_consents
from models.sources.loading.delivery import Delivery
from models.sources.loading.delivery_plan import Lacking, parse_days, plan_delivery, refuse_lacking
from models.sources.loading.dictionaries import (
    erased,
    keep_answers,
    number_customers,
    number_products,
    prepare_quarantine,
)
from models.sources.loading.doubtful_goods import keep_doubts
from models.sources.loading.funding_rows import about_fundings, keep_fundings
from models.sources.loading.load_connection import as_sentences, connect, told_of
from models.sources.loading.load_summary import count_all, describe
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.lost_columns import (
    lost_columns_in_words,
    refuse_lost_columns,
    refuse_uneven_files,
)
from models.sources.loading.nobodys_lines import about_nobody, set_nobody_aside
from models.sources.loading.parted_cards import parted_cards
from models.sources.loading.product_vat import about_vat, refuse_other_vat, without_undeclared
from models.sources.loading.promotion_rows import about_promotions, keep_promotions
from models.sources.loading.purchase_lines import clock_of, gather_lines, write_bucket
from models.sources.loading.quarantine import carry_over, refuse_too_many, write_quarantine
from models.sources.loading.replaced_lines import prepare_replaced, write_replaced
from models.sources.loading.spelled_alike import odd_spellings
from models.sources.loading.unmatched_returns import note_unmatched, prepare_unmatched, write_unmatched
from models.sources.reading.declaration import Declaration
from models.sources.reading.shop_database import BrokenOff, staging_folder
from models.sources.reading.table_sources import declaration_of, open_sources
from models.sources.stored.current_load import incoming_load, publish
from models.sources.stored.finished_load import Data, LoadSummary, open_data

# DuckDB takes these in a path for a pattern: a workspace `shop?` would read those of its neighbours.
_PATTERN = "*?["


def _check_path(path: str, option: str, never: str) -> None:
    """Refuse a path that DuckDB cannot read, or would read as another one; raises BadInput."""
    if any("\ud800" <= one <= "\udfff" for one in path) or "\0" in path or set(path) & set(never):
        signs = f" without {' '.join(never)}" if never else ""
        raise BadInput(f"Expected {option} as a path in UTF-8{signs}, got {path!r}; rename the folder.")


def load(
    source: Path | str,
    workspace: Path,
    *,
    tables: Path | None = None,
    append: bool = False,
    days: str | None = None,
    lacking: Lacking = Lacking.STOP,
    without_purchases: bool = False,
    buckets: int | None = None,
    memory: str = "2GB",
    threads: int | None = None,
    progress: Progress = silent,
    wait_seconds: float = 0,
    now: datetime | None = None,
) -> LoadSummary:
    """Check the tables of `source` and make them the current data of `workspace`.

    Args:
        source: a data folder, or a SQLAlchemy URL of a database.
        workspace: where the load goes.
        tables: the declaration, where it is not tables.toml in the data folder.
        append: add to the load in use instead of replacing it; see `models.sources.loading.delivery`.
        days: which days a delivery brings whole, in all stores: "2024-03-31", "2024-03-30..2024-03-31" or "none";
            None: every store's day of which it holds a line.
        lacking: what becomes of stored receipts that it lacks of those days; Lacking.ADD replaces no day.
        without_purchases: the delivery brings other tables than purchases only: a consent that was withdrawn, say.
        buckets: None means one for every 2,000 customers, or those of the load that is added to.
        memory: bounds DuckDB, which spills into the workspace beyond it.
        threads: None means all cores.
        progress: is told what is being done.
        wait_seconds: how long to wait while another process writes into the workspace.
        now: lines of later days are set aside; None: no line is too late.

    Raises:
        BadInput: a file, column or value is not what was expected, or a table has a share of bad rows above the
            declared one (the bad rows then lie in data/quarantine-rejected.parquet), or a delivery lacks stored
            receipts; nothing has changed.
        CannotWrite: disk or memory do not suffice.
        Busy: another process still writes into the workspace.
    """
    _check_path(str(source), "--data", "")
    _check_path(str(workspace), "--workspace", _PATTERN)
    declaration = declaration_of(source, tables)
    if buckets is not None and buckets < 1:
        raise BadInput(f"buckets = {buckets} is not allowed; expected at least 1.")
    if days is not None and not append:
        raise BadInput("--days belongs to --append: without it everything is replaced.")
    if lacking is not Lacking.STOP and not append:
        raise BadInput(f"--{lacking} belongs to --append: without it everything is replaced.")
    if without_purchases and not append:
        raise BadInput("--without-purchases belongs to --append: without it everything is replaced.")
    named, lacking = parse_days(days, lacking)
    workers = threads or os.cpu_count() or 1
    staged = staging_folder(workspace, source, declaration)
    with (
        incoming_load(workspace, wait_seconds=wait_seconds) as folder,
        as_sentences(workspace),
        _removed_unless_broken_off(staged),
        connect(folder, declaration, memory, workers) as con,
    ):
        former = appendable(workspace, declaration, buckets) if append else None
        known, today = in_use(workspace), day_of(now, declaration)
        shop = LoadUnderWay(con, folder, declaration, {}, former, known, today)
        shop, total = read(shop, source, staged, buckets, progress, without_purchases=without_purchases)
        gone = erased(shop)
        clock = clock_of(shop)
        delivery = plan_delivery(shop, former, clock, named, lacking) if former else None
        if delivery and lacking is Lacking.STOP:
            refuse_lacking(delivery)
        returned = _write_buckets(shop, total, workers, progress, clock, delivery)
        counts = refuse_too_many(shop, workspace)
        if delivery:
            carry_over(shop, delivery)
            counts = count_all(shop, delivery)
        write_quarantine(shop)
        doubts = keep_doubts(shop)
        replaced = write_replaced(shop, delivery) if delivery else 0
        summary = describe(shop, total, counts, delivery, replaced)
        returns = write_unmatched(shop, returned)
        findings = (*shop.remarks, *unread_consents(shop), *about_nobody(shop), *about_vat(shop), *doubts)
        summary = replace(summary, erased=gone, findings=findings, returns=returns)
        con.close()
        rmtree(folder / "spill", ignore_errors=True)
        publish(folder, workspace, erasing=gone > 0)
        rmtree(staged, ignore_errors=True)
        return summary


def appendable(workspace: Path, declaration: Declaration, buckets: int | None) -> Data:
    """The load in use, to add to; BadInput where it was declared otherwise, or has other buckets."""
    former = open_data(workspace)
    former.days()
    if former.day_starts_at is None:
        raise BadInput(
            f"{former.folder} was made by an earlier version, which did not tell receipts of one number apart by store and"
            f" day; load everything once more: abonement load --data DIR --workspace {workspace}."
        )
    if former.day_starts_at != declaration.day_starts_at:
        raise BadInput(
            f"The workspace's days start at {former.day_starts_at}, those of the delivery are declared to start at"
            f" {declaration.day_starts_at}; load everything anew without --append."
        )
    if (former.timezone, former.currency) != (declaration.timezone, declaration.currency):
        raise BadInput(
            f"The workspace holds data in {former.timezone} and {former.currency}, the delivery is declared in"
            f" {declaration.timezone} and {declaration.currency}; load everything anew without --append."
        )
    if former.ids not in {None, declaration.ids}:
        raise BadInput(
            f'The workspace\'s ids are read as ids = "{former.ids}", those of the delivery are declared ids = "{declaration.ids}":'
            " 007 and 7 would be one customer here and two there; load everything anew without --append."
        )
    refuse_other_vat(former, declaration)
    if buckets not in {None, former.buckets}:
        raise BadInput(
            f"buckets = {buckets} is not allowed with --append: customers keep their bucket, and the workspace has"
            f" {former.buckets} of them; load everything anew to change that."
        )
    return former


def read(
    shop: LoadUnderWay,
    source: Path | str,
    staged: Path,
    buckets: int | None,
    progress: Progress,
    *,
    without_purchases: bool = False,
) -> tuple[LoadUnderWay, int]:
    """Open the sources and judge every row; returns the shop with its sources and the number of buckets."""
    prepare_quarantine(shop)
    appending = shop.former is not None
    spill = shop.folder / "spill"
    opened = open_sources(
        shop.con,
        source,
        shop.declaration,
        spill=spill,
        staged=staged,
        appending=appending,
        without_purchases=without_purchases,
        progress=progress,
    )
    shop = replace(shop, sources=without_undeclared(opened, shop.declaration))
    uneven = refuse_uneven_files(shop)
    refuse_lost_columns(shop)
    progress("reading products and customers", 0, 2)
    with told_of(shop, "products"):
        number_products(shop)
    with told_of(shop, "customers", "purchases"):
        total = number_customers(shop, buckets)
    with told_of(shop, "answers"):
        keep_answers(shop)
    with told_of(shop, "promotions"):
        keep_promotions(shop)
    with told_of(shop, "fundings"):
        keep_fundings(shop)
    progress("reading purchases", 1, 2)
    with told_of(shop, "purchases"):
        lost = (*uneven, *lost_columns_in_words(shop), *parted_cards(shop))
        shop = replace(
            shop,
            remarks=(
                *lost,
                *gather_lines(shop),
                *odd_spellings(shop),
                *about_promotions(shop),
                *about_fundings(shop),
            ),
        )
        set_nobody_aside(shop)
    progress("reading purchases", 2, 2)
    return shop, total


def _write_buckets(
    shop: LoadUnderWay,
    total: int,
    workers: int,
    progress: Progress,
    clock: ShopClock,
    delivery: Delivery | None,
) -> int:
    """Write the buckets; returns how many lines of them are returns."""
    for name in ("purchases", "customers"):
        (shop.folder / name).mkdir()
    prepare_unmatched(shop)
    if delivery:
        prepare_replaced(shop)

    def write(bucket: int) -> int:
        with shop.cursor() as con:
            write_bucket(shop, con, bucket, clock, delivery)
            return note_unmatched(shop, con, bucket)

    returned = 0
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done, lines in enumerate(pool.map(write, range(total)), start=1):
            returned += lines
            progress("writing buckets", done, total)
    return returned


def day_of(now: datetime | None, declaration: Declaration) -> date | None:
    """The day by the shop's calendar."""
    return Moment(now, declaration.timezone).day if now else None


def in_use(workspace: Path) -> Data | None:
    """The load in use, None where there is none."""
    try:
        return open_data(workspace)
    except BadInput:
        return None


@contextmanager
def _removed_unless_broken_off(staged: Path) -> Iterator[None]:
    """Keep what was read from a database for the next attempt only where the reading itself was broken off."""
    try:
        yield
    except BrokenOff:
        raise
    except AbonementError:
        rmtree(staged, ignore_errors=True)
        raise
