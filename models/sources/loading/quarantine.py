"""The bad rows of a load: carried over from the former one, counted, written, and too many of them refused."""

from collections.abc import Mapping
from pathlib import Path

from models.ground.errors import BadInput
from models.sources.loading.bad_row_samples import samples
from models.sources.loading.delivery import Delivery
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.stored.finished_load import TableCounts
from models.tables.row_checks import NO_BAD_ROWS, OF_SEVERAL_LINES, UNREADABLE_LINE, meaning


def refuse_too_many(shop: LoadUnderWay, workspace: Path) -> dict[str, TableCounts]:
    """Count what came; raise BadInput where a table has too many bad rows, which then lie in the workspace."""
    counts = delivered(shop)
    allowed = shop.declaration.max_bad_share
    rejected = workspace / "data" / "quarantine-rejected.parquet"
    for name, table in causes_first(counts):
        bad = bad_rows(table)
        too_many = bad > allowed * table.rows
        nothing_left = name in {"purchases", "products"} and table.rows > 0 and table.kept == 0
        if too_many or nothing_left:
            shop.con.execute(
                f"COPY (SELECT * FROM quarantine ORDER BY ALL) TO {quoted(str(rejected))} (FORMAT parquet)"
            )
            seen = samples(shop, name)
            reasons = "; ".join(
                f"{number:,} {reason} ({'; '.join(filter(None, (meaning(reason, name), seen.get(reason))))})"
                for reason, number in table.quarantined.items()
                if reason not in NO_BAD_ROWS or not bad
            )
            verdict = f"{bad:,} of {table.rows:,} rows are bad ({bad / max(1, table.rows):.2%}), more than max_bad_share = {allowed:g} allows"
            if not bad:
                verdict = f"none of {table.rows:,} rows is left"
            remedy = "" if nothing_left else ", or raise max_bad_share in tables.toml,"
            raise BadInput(
                f"{shop.sources[name].place}: {verdict}: {reasons}. Every bad row with its reason stands in"
                f" {rejected}; correct the data{remedy} and load again."
            )
    rejected.unlink(missing_ok=True)
    return counts


def causes_first(counts: Mapping[str, TableCounts]) -> list[tuple[str, TableCounts]]:
    """The tables with purchases last: a product that is bad makes its lines bad, and is what there is to mend."""
    return sorted(counts.items(), key=lambda named: named[0] == "purchases")


def bad_rows(table: TableCounts) -> int:
    """Rows that count as bad: all that were set aside but those whose setting aside is what the shop wants."""
    return table.rows - table.kept - sum(table.quarantined.get(reason, 0) for reason in NO_BAD_ROWS)


def delivered(shop: LoadUnderWay, of_several: Mapping[str, int] | None = None) -> dict[str, TableCounts]:
    """Rows of each table that came with this load, with those that are bad by reason.

    `of_several`: lines that are not in the quarantine yet because no bucket is written, by reason.
    """
    good = {
        "purchases": "SELECT count(*) FROM lines WHERE person IS NOT NULL",
        "products": "SELECT count(*) FROM good_products",
        "customers": "SELECT count(*) FROM good_customers",
        "answers": "SELECT count(*) FROM good_answers",
        "promotions": "SELECT count(*) FROM good_promotions",
        "fundings": "SELECT count(*) FROM good_fundings",
    }
    counts = {}
    for name in shop.sources:
        bad = dict(
            shop.con.execute(
                "SELECT reason, count(*) FROM quarantine WHERE table_name = ? GROUP BY 1 ORDER BY 1", [name]
            ).fetchall()
        )
        rows = shop.count(good[name]) + sum(bad.values())
        if name == "purchases":
            # they were written out of the lines that are counted as good
            rows -= sum(bad.get(reason, 0) for reason in OF_SEVERAL_LINES)
            bad = dict(sorted({**bad, **(of_several or {})}.items()))
        counts[name] = TableCounts(rows, rows - sum(bad.values()), bad)
    return counts


def carry_over(shop: LoadUnderWay, delivery: Delivery) -> None:
    """Add the former load's bad rows: not those of replaced days, of tables that came anew, of erased customers.

    Of stored lines that proved to be the same since their customers were merged, those that did not stay come too.
    """
    former = quoted(str(delivery.former.folder / "quarantine.parquet"))
    # The row holds the store as it came, which may be a floating point number.
    store = """coalesce(regexp_replace(trim("row" ->> 'store_id'), '\\.0+$', ''), '')"""
    if shop.declaration.ids == "numbers":
        store = f"regexp_replace({store}, '^0*([0-9]+)$', '\\1')"
    shop.con.execute("INSERT INTO quarantine SELECT * FROM stored_quarantine")
    anew = ", ".join(quoted(name) for name in shop.sources if name != "purchases") or "NULL"
    gone = "false"
    if shop.customers_complete:
        # An unreadable line may be anybody's, so none is kept once somebody can be erased.
        gone = f"""reason = '{UNREADABLE_LINE}' OR ("row" ->> 'customer_id' IS NOT NULL
            AND trim("row" ->> 'customer_id') NOT IN (SELECT customer_id FROM people))"""
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT table_name, reason, "row", local_day FROM read_parquet({former})
        WHERE NOT coalesce((local_day, {store}) IN (SELECT local_day, store FROM replaced_days), false) AND coalesce(table_name NOT IN ({anew}), true)
          AND NOT ({gone})
          AND (table_name, reason, "row") NOT IN (SELECT (table_name, reason, "row") FROM quarantine)""")


def write_quarantine(shop: LoadUnderWay) -> None:
    """Write every bad row in a fixed order."""
    path = quoted(str(shop.folder / "quarantine.parquet"))
    shop.con.execute(f"COPY (SELECT * FROM quarantine ORDER BY ALL) TO {path} (FORMAT parquet)")
