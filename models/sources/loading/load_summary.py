"""A load that is written, in numbers: what load.json keeps and the operator reads."""

from datetime import UTC, datetime, timedelta

from models.ground.durable import file_sha256
from models.ground.errors import BadInput
from models.sources.loading.delivery import Delivery
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.nobodys_lines import lines_without_card, no_customers
from models.sources.reading.data_folder import quoted
from models.sources.stored.current_load import next_load_id
from models.sources.stored.finished_load import (
    Appended,
    LoadSummary,
    TableCounts,
    bucket_file,
    fingerprint,
    write_manifest,
)


def count_all(shop: LoadUnderWay, delivery: Delivery) -> dict[str, TableCounts]:
    """Rows of each table in the whole load after a delivery was added."""
    kept = {
        "purchases": f"SELECT count(*) FROM {_all(shop, 'purchases')}",
        "products": "SELECT count(*) FROM shelf",
        "customers": f"SELECT count(*) FROM {_all(shop, 'customers')} WHERE listed",
        "answers": "SELECT count(*) FROM all_answers",
        "promotions": "SELECT count(*) FROM all_promotions",
        "fundings": "SELECT count(*) FROM all_fundings",
    }
    counts = {}
    for name, query in kept.items():
        if name not in shop.sources and name not in delivery.former.table_counts():
            continue
        bad = shop.con.execute(
            "SELECT reason, count(*) FROM quarantine WHERE table_name = ? GROUP BY 1 ORDER BY 1", [name]
        ).fetchall()
        good = shop.count(query)
        counts[name] = TableCounts(good + sum(number for _, number in bad), good, dict(bad))
    return counts


def describe(
    shop: LoadUnderWay,
    buckets: int,
    counts: dict[str, TableCounts],
    delivery: Delivery | None,
    replaced_lines: int = 0,
) -> LoadSummary:
    """Describe a load whose files are written, and write its load.json; BadInput where no purchase is left.

    `replaced_lines` are the stored lines that the delivery took out or put others in the place of.
    """
    first, last, lines = shop.con.execute(
        f"SELECT epoch_us(min(purchased_at)), epoch_us(max(purchased_at)), count(*) FROM {_all(shop, 'purchases')}"
    ).fetchall()[0]
    if not lines:
        raise BadInput("No purchase would be left; the former load stays.")
    days = shop.con.execute(
        f"SELECT CAST(local_day AS VARCHAR), count(*) FROM {_all(shop, 'purchases')} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    names = ["products.parquet", "quarantine.parquet"]
    optional = ("answers.parquet", "cards.parquet", "promotions.parquet", "fundings.parquet")
    names += [name for name in optional if (shop.folder / name).exists()]
    names += [bucket_file(table, b) for table in ("customers", "purchases") for b in range(buckets)]
    files = {name: file_sha256(shop.folder / name) for name in names}
    declaration = shop.declaration
    summary = LoadSummary(
        load_id=next_load_id(shop.folder),
        fingerprint=fingerprint(files, declaration.timezone, declaration.currency),
        timezone=declaration.timezone,
        currency=declaration.currency,
        day_starts_at=declaration.day_starts_at,
        buckets=buckets,
        customers=shop.count(f"SELECT count(*) FROM {_all(shop, 'customers')}"),
        products=shop.count("SELECT count(*) FROM shelf"),
        lines=lines,
        first_purchased_at=_iso(first),
        last_purchased_at=_iso(last),
        tables=counts,
        ignored_columns={name: list(s.ignored) for name, s in shop.sources.items() if s.ignored},
        days=dict(days),
        no_customers=no_customers(shop),
        ids=declaration.ids,
        vat=declaration.vat.as_dict() if declaration.vat else None,
        without_card=lines_without_card(shop),
        appended=_appended(shop, delivery, dict(days), replaced_lines) if delivery else None,
    )
    write_manifest(shop.folder, summary, files)
    return summary


def _appended(shop: LoadUnderWay, delivery: Delivery, days: dict[str, int], replaced_lines: int) -> Appended:
    before = {day.isoformat() for day in delivery.former.days()}
    return Appended(
        delivered=shop.count("SELECT count(*) FROM lines"),
        new_days={day: lines for day, lines in days.items() if day not in before},
        replaced_days={day.isoformat(): days.get(day.isoformat(), 0) for day in delivery.replaced},
        late_days={day.isoformat(): lines for day, lines in delivery.late_days.items()},
        replaced_lines=replaced_lines,
    )


def _iso(microseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).isoformat()


def _all(shop: LoadUnderWay, table: str) -> str:
    return f"read_parquet({quoted(str(shop.folder / table / '*.parquet'))}, hive_partitioning = false)"
