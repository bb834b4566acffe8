"""A finished load on disk: `WORKSPACE/data/loads/LOAD_ID/` with load.json, and `data/current` naming it; in words, too."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from models.ground.durable import file_sha256
from models.ground.errors import BadInput
from models.ground.locks import in_use
from models.ground.shop_ids import is_id
from models.tables.row_checks import meaning

# row: JSON of what the source held; local_day: of a purchase whose time could be read
# Stored lines that appends took out; not one of the files whose digests the manifest has.
REPLACED_FILE = "replaced.parquet"
# Returns that take back more than was bought before them; made from the purchases, and not one of those files either.
UNMATCHED_FILE = "unmatched-returns.parquet"


@dataclass(frozen=True)
class TableCounts:
    """Rows of one input table: how many there were, how many were kept, how many are bad by reason."""

    rows: int
    kept: int
    quarantined: dict[str, int]


@dataclass(frozen=True)
class Appended:
    """What a delivery did to the load it was added to: local days (ISO) with their lines.

    `late_days` were stored and got lines without losing any store's; `replaced_lines` are the stored lines that went,
    or that another line took the place of: they stand in the load's replaced.parquet.
    """

    delivered: int
    new_days: dict[str, int]
    replaced_days: dict[str, int]
    late_days: dict[str, int]
    replaced_lines: int


@dataclass(frozen=True)
class Returns:
    """Returned lines of a load: how many, and how many of them take back more than the customer bought before."""

    lines: int = 0
    unmatched: int = 0

    def in_words(self, file: Path) -> list[str]:
        """Sentences about them; none where nothing is to be said. `file` is where the unmatched ones stand."""
        if not self.unmatched:
            return []
        takes, it = ("takes", "it stands") if self.unmatched == 1 else ("take", "they stand")
        return [
            (
                f"{self.unmatched:,} of {self.lines:,} returned lines {takes} back more than the customer bought before"
                f" it; {it} in {file}."
            )
        ]


@dataclass(frozen=True)
class LoadSummary:
    """What one load did; everything but `load_id`, `appended`, `erased`, `findings` and `returns` depends on the input alone.

    `days` are the local days with purchases (ISO) and their lines; `erased` the customers that the former load had
    and a complete customers table has no more; `no_customers` the ids under which lines came and that are no customer;
    `without_card` the lines of this load that name no customer; `findings` sentences on what came and is no bad row; `vat` what
    tables.toml declares of VAT, None where nothing.
    """

    load_id: str
    fingerprint: str
    timezone: str
    currency: str
    day_starts_at: str
    buckets: int
    customers: int
    products: int
    lines: int
    first_purchased_at: str
    last_purchased_at: str
    tables: dict[str, TableCounts]
    ignored_columns: dict[str, list[str]]
    days: dict[str, int]
    appended: Appended | None = None
    erased: int = 0
    no_customers: tuple[str, ...] = ()
    ids: str = "text"
    without_card: int = 0
    findings: tuple[str, ...] = ()
    returns: Returns = Returns()
    vat: dict[str, Any] | None = None

    @property
    def missing_days(self) -> list[date]:
        """Days between the first and the last one without any purchase."""
        return missing_days(self.days)

    @property
    def local_days(self) -> tuple[date, date]:
        """First and last day of business with a purchase."""
        return date.fromisoformat(min(self.days)), date.fromisoformat(max(self.days))

    @property
    def bad_rows(self) -> list[str]:
        """A sentence for each reason for which rows were set aside."""
        return [
            f"Quarantined {number:,} of {table.rows:,} {name}: {reason} ({meaning(reason, name)})."
            for name, table in self.tables.items()
            for reason, number in table.quarantined.items()
        ]

    def as_json(self) -> str:
        """The summary as one JSON object."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class Data:
    """The load in use: paths of its checked Parquet files and what they were made from.

    Tables are `models.tables.STORED_*`; purchases are sorted by customer_no, purchased_at, basket_id,
    product_no. `fingerprint` is a SHA-256 over the files and the declaration they were read under. `day_starts_at` is
    the shop's clock time ("00:00") at which its days start, `ids` how ids were read; None in a load of an earlier version.
    `vat` is what was declared of VAT, None where nothing was.
    """

    folder: Path
    load_id: str
    timezone: str
    currency: str
    buckets: int
    fingerprint: str
    first_purchased_at: datetime
    last_purchased_at: datetime
    lines: int
    customers_total: int
    day_starts_at: str | None = None
    ids: str | None = None
    vat: dict[str, Any] | None = None

    def purchases(self, bucket: int) -> Path:
        """Purchases of one bucket of customers."""
        return self.folder / bucket_file("purchases", bucket)

    def customers(self, bucket: int) -> Path:
        """Customers of one bucket."""
        return self.folder / bucket_file("customers", bucket)

    @property
    def products(self) -> Path:
        """All products."""
        return self.folder / "products.parquet"

    @property
    def answers(self) -> Path | None:
        """Survey answers, where the shop gave any."""
        path = self.folder / "answers.parquet"
        return path if path.exists() else None

    @property
    def cards(self) -> Path | None:
        """Customers who were merged into others, where the shop named any."""
        path = self.folder / "cards.parquet"
        return path if path.exists() else None

    @property
    def promotions(self) -> Path | None:
        """The chain's promotions, past and planned, where the shop gave any."""
        path = self.folder / "promotions.parquet"
        return path if path.exists() else None

    @property
    def fundings(self) -> Path | None:
        """What suppliers pay of discounts, where the shop gave any."""
        path = self.folder / "fundings.parquet"
        return path if path.exists() else None

    def held(self) -> AbstractContextManager[None]:
        """Keep this load from being removed, by a later load or a prune, while it is read."""
        return in_use(self.folder / "load.json")

    def no_customers(self) -> tuple[str, ...]:
        """Ids under which lines came and that are no customer."""
        return tuple(_read_manifest(self.folder).get("no_customers", ()))

    def table_counts(self) -> dict[str, TableCounts]:
        """Rows of each input table: how many came, were kept, and were set aside for which reason."""
        tables: dict[str, dict[str, Any]] = _read_manifest(self.folder)["tables"]
        return {name: TableCounts(**counts) for name, counts in tables.items()}

    def days(self) -> dict[date, int]:
        """Days of business with purchases, in order, and their lines.

        Raises BadInput for a load of an earlier version, which does not know its days.
        """
        about = _read_manifest(self.folder)
        if "days" not in about:
            raise BadInput(
                f"{self.folder} was made by an earlier version, which did not keep days; load everything once more."
            )
        return {date.fromisoformat(day): lines for day, lines in about["days"].items()}

    @contextmanager
    def blamed_if_damaged(self) -> Iterator[None]:
        """Where reading fails, look whether a file of the load is to blame: BadInput names it, else the error stays."""
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError):
            self.verify()
            raise

    def verify(self) -> None:
        """Compare every file with its recorded SHA-256; raises BadInput at the first that differs."""
        recorded: dict[str, str] = _read_manifest(self.folder)["files"]
        for name, digest in recorded.items():
            path = self.folder / name
            if not path.is_file() or file_sha256(path) != digest:
                raise BadInput(
                    f"{path} is missing or was changed after the load; run `abonement load` again."
                )


def open_data(workspace: Path) -> Data:
    """Open the load in use; raises BadInput where nothing was loaded."""
    pointer = workspace / "data" / "current"
    try:
        load_id = pointer.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        raise BadInput(
            f"{workspace} holds no data yet; run `abonement load --data DIR --workspace {workspace}` first."
        ) from None
    return open_load(workspace, load_id)


def open_load(workspace: Path, load_id: str) -> Data:
    """Open a load by its name; raises BadInput where it is gone or damaged, or where the name leads elsewhere."""
    if not is_id(load_id):
        raise BadInput(f"{workspace} has no load {load_id[:40]!r}; run `abonement load` again.")
    folder = workspace / "data" / "loads" / load_id
    about = _read_manifest(folder)
    return Data(
        folder=folder,
        load_id=load_id,
        timezone=about["timezone"],
        currency=about["currency"],
        buckets=about["buckets"],
        fingerprint=about["fingerprint"],
        first_purchased_at=datetime.fromisoformat(about["first_purchased_at"]).astimezone(UTC),
        last_purchased_at=datetime.fromisoformat(about["last_purchased_at"]).astimezone(UTC),
        lines=about["lines"],
        customers_total=about["customers"],
        day_starts_at=about.get("day_starts_at"),
        ids=about.get("ids"),
        vat=about.get("vat"),
    )


def missing_days(days: Iterable[str]) -> list[date]:
    """Days between the first and the last of `days` (ISO) that are not among them."""
    known = {date.fromisoformat(day) for day in days}
    if not known:
        return []
    first, last = min(known), max(known)
    between = (first + timedelta(days=n) for n in range((last - first).days))
    return [day for day in between if day not in known]


def bucket_file(table: str, bucket: int) -> str:
    """Name of a bucket's file inside a load."""
    return f"{table}/bucket={bucket:04d}.parquet"


def write_manifest(folder: Path, summary: LoadSummary, files: dict[str, str]) -> None:
    """Write load.json; it names neither load nor moment, so the same input gives the same bytes."""
    about: dict[str, Any] = asdict(summary)
    for passing in ("load_id", "appended", "erased", "without_card", "findings", "returns"):
        del about[passing]
    if summary.vat is None:  # as the load of a shop that declares none has always been
        del about["vat"]
    text = json.dumps(about | {"files": files}, indent=2, ensure_ascii=False) + "\n"
    (folder / "load.json").write_text(text, encoding="utf-8")


def fingerprint(files: dict[str, str], timezone: str, currency: str) -> str:
    """SHA-256 over the names and digests of the files and the declaration they were read under."""
    content = json.dumps([sorted(files.items()), timezone, currency])
    return hashlib.sha256(content.encode()).hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / "load.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        raise BadInput(f"{folder}/load.json is missing or damaged; run `abonement load` again.") from None
    return about
