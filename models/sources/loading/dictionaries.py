"""The small tables: products and customers get numbers, answers are checked, bad rows go to quarantine.

All of it happens in the load's DuckDB connection. Tables left there: `shelf` (products as stored), `cards`
(merged customers and whose they are now), `people` (customer_id, what the customers table says, `listed`, `bucket`
and `person`, a number in the order of bucket and customer_id), `quarantine`. Where a delivery is appended, what the
former load knew is carried over: newer rows of products and customers replace older ones.
"""

from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.ground.shop_ids import no_id
from models.sources.loading.customer_consent import UNREAD_CONSENT, note_doubtful, settle_consent
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.product_vat import refuse_unrated, stored_vat, with_vat
from models.sources.reading.data_folder import quoted
from models.sources.reading.typed_columns import flag_word, raw_row, typed_select
from models.tables import (
    ANSWERS,
    CUSTOMER_NO,
    CUSTOMERS,
    DELISTED,
    NOT_MERCHANDISE_FLAGS,
    PRODUCT_FLAGS,
    PRODUCT_NO,
    STORED_CARDS,
    STORED_CUSTOMERS,
    STORED_PRODUCTS,
    STORED_VAT,
    UNCONFIRMED,
)
from models.tables.row_checks import CHECKS, UNLISTED_CUSTOMER, first_reason

CUSTOMERS_PER_BUCKET = 2000
# So many products may be gone from whatever small assortment.
FEW_PRODUCTS = 10
KNOWN_PRODUCT = tuple(n for n in STORED_PRODUCTS.names if n not in {PRODUCT_NO, "merchandise"})
KNOWN_CUSTOMER = tuple(n for n in STORED_CUSTOMERS.names if n not in {CUSTOMER_NO, "listed"})


def prepare_quarantine(shop: LoadUnderWay) -> None:
    """Empty tables for bad rows, delivered and stored; the day is known where the time could be read."""
    for name in ("quarantine", "stored_quarantine"):
        shop.con.execute(
            f'CREATE TABLE {name} (table_name VARCHAR, reason VARCHAR, "row" VARCHAR, local_day DATE)'
        )


def number_products(shop: LoadUnderWay) -> None:
    """Make `shelf`, products as stored; raises BadInput for an id that stands there twice, an unknown flag."""
    of_vat = stored_vat(shop.declaration)
    names = ", ".join((*KNOWN_PRODUCT, *of_vat[:1]))
    if "products" in shop.sources:
        _judge(shop, "products")
        _refuse_twice(shop, "products", "product_id")
    else:
        typed = ", ".join(
            f"CAST(NULL AS {c.sql_type}) AS {c.name}" for c in (*STORED_PRODUCTS.columns, *STORED_VAT)
        )
        shop.con.execute(f"CREATE TABLE good_products AS SELECT {names} FROM (SELECT {typed}) WHERE false")
    # A price or cost of nothing is a placeholder of the till, not something to discount from.
    shop.con.execute(f"""CREATE TABLE flagged AS SELECT
        * REPLACE (nullif(price_minor, 0) AS price_minor, nullif(cost_minor, 0) AS cost_minor), list_filter(list_transform(
        list_transform(regexp_split_to_array(flags, '[;,|]'), lambda flag: lower(trim(flag))),
        lambda flag: {flag_word(shop.declaration)}), lambda flag: flag <> '') AS flag_list FROM (SELECT {names} FROM good_products)""")
    unknown = shop.con.execute(
        "SELECT flag, product_id FROM (SELECT unnest(flag_list) AS flag, product_id FROM flagged)"
        f" WHERE flag NOT IN {PRODUCT_FLAGS} ORDER BY 1, 2 LIMIT 1"
    ).fetchall()
    if unknown:
        flag, product = unknown[0]
        raise BadInput(
            f"{shop.sources['products'].place}: product {product!r} has the flag {flag!r}; expected only"
            f" {', '.join(PRODUCT_FLAGS)}, or a word that [flags] in tables.toml gives a meaning."
        )
    if shop.former:
        gone = shop.declaration.vocabulary.of("products").complete and "products" in shop.sources
        if gone:
            _refuse_cut_off_products(shop, shop.former.products)
        # what looks like no merchandise is judged anew by every load
        flags = f"list_filter(string_split(nullif(flags, ''), ';'), lambda flag: flag <> '{UNCONFIRMED}')"
        kept = f"list_filter({flags}, lambda flag: flag <> '{DELISTED}') || ['{DELISTED}']" if gone else flags
        shop.con.execute(f"""INSERT INTO flagged SELECT {_names_in(shop.con, shop.former.products, of_vat[:1])}, coalesce({kept}, {f"['{DELISTED}']" if gone else "[]"})
            FROM read_parquet({quoted(str(shop.former.products))})
            WHERE product_id NOT IN (SELECT product_id FROM good_products)""")
    shop.con.execute(f"""CREATE TABLE shelf AS SELECT {", ".join((*STORED_PRODUCTS.names, *of_vat))} FROM (
        SELECT * REPLACE (coalesce(name, product_id) AS name, array_to_string(flag_list, ';') AS flags),
            CAST(row_number() OVER (ORDER BY product_id) - 1 AS INTEGER) AS product_no,
            NOT list_has_any(flag_list, {list(NOT_MERCHANDISE_FLAGS)}) AS merchandise
        FROM ({with_vat("FROM flagged", shop.declaration.vat)})) ORDER BY product_no""")
    refuse_unrated(shop)
    shop.con.execute(f"COPY shelf TO {quoted(str(shop.folder / 'products.parquet'))} (FORMAT parquet)")


def _refuse_cut_off_products(shop: LoadUnderWay, stored: Path) -> None:
    """Raise BadInput where a complete products table lacks too many of what is on sale: it is likelier cut off than true."""
    on_sale, gone = shop.con.execute(f"""SELECT count(*),
            count(*) FILTER (product_id NOT IN (SELECT product_id FROM good_products))
        FROM read_parquet({quoted(str(stored))}) WHERE NOT list_contains(string_split(flags, ';'), '{DELISTED}')""").fetchall()[0]
    allowed = shop.declaration.max_delisted_share
    if gone > max(FEW_PRODUCTS, allowed * on_sale):
        raise BadInput(
            f"{shop.sources['products'].place} is declared complete and lacks {gone:,} of the {on_sale:,} products on sale"
            f" ({gone / on_sale:.1%}); none of them would be offered any more. If that is meant, raise max_delisted_share ="
            f" {allowed:g} in tables.toml; otherwise deliver the whole table."
        )


def _names_in(con: duckdb.DuckDBPyConnection, products: Path, more: tuple[str, ...]) -> str:
    """The columns of products stored before; a load of an earlier version lacks what an app shows."""
    found = con.execute(f"DESCRIBE FROM read_parquet({quoted(str(products))})").fetchall()
    there = {row[0] for row in found}
    return ", ".join(name if name in there else f"NULL AS {name}" for name in (*KNOWN_PRODUCT, *more))


def number_customers(shop: LoadUnderWay, buckets: int | None) -> int:
    """Make `cards` and `people` from the customers table and the purchases; returns the number of buckets."""
    columns = ", ".join(KNOWN_CUSTOMER)
    complete = shop.customers_complete
    if "customers" in shop.sources:
        _judge(shop, "customers")
        _refuse_twice(shop, "customers", "customer_id")
    else:
        typed = ", ".join(f"CAST(NULL AS {c.sql_type}) AS {c.name}" for c in CUSTOMERS.columns)
        shop.con.execute(f"CREATE TABLE good_customers AS SELECT {typed} WHERE false")
    _follow_cards(shop)
    purchases = typed_select(shop.sources["purchases"], shop.declaration)
    if shop.former:
        known = f"read_parquet({quoted(str(shop.former.folder / 'customers' / '*.parquet'))})"
        shop.con.execute(f"CREATE TABLE known AS SELECT {columns}, listed FROM {known}")
    else:
        shop.con.execute(
            f"CREATE TABLE known AS SELECT {columns}, true AS listed FROM good_customers WHERE false"
        )
    shop.con.execute(f"""CREATE TABLE seen AS
        SELECT {columns}, true AS listed FROM good_customers
        WHERE customer_id NOT IN (SELECT customer_id FROM cards)""")
    if not complete:
        shop.con.execute("""INSERT INTO seen BY NAME SELECT * FROM known
            WHERE customer_id NOT IN (SELECT customer_id FROM seen)
              AND customer_id NOT IN (SELECT customer_id FROM cards)""")
        shop.con.execute(f"""INSERT INTO seen BY NAME SELECT customer_id, false AS listed FROM (
                SELECT DISTINCT coalesce(owner_id, customer_id) AS customer_id FROM (
                    SELECT DISTINCT customer_id FROM ({purchases}) UNION
                    SELECT customer_id FROM known)
                LEFT JOIN cards USING (customer_id))
            WHERE customer_id IS NOT NULL AND NOT {no_id("customer_id")}
              AND customer_id NOT IN (SELECT customer_id FROM seen)""")
    settle_consent(shop)
    _write_cards(shop)
    if shop.former:
        total = shop.former.buckets
    else:
        total = buckets or max(1, -(-shop.count("SELECT count(*) FROM seen") // CUSTOMERS_PER_BUCKET))
    shop.con.execute(f"""CREATE TABLE people AS
        SELECT CAST(row_number() OVER (ORDER BY bucket, customer_id) AS INTEGER) AS person, *
        FROM (SELECT CAST(CAST('0x' || left(md5(customer_id), 8) AS UBIGINT) % {total} AS INTEGER) AS bucket, *
              FROM seen) ORDER BY person""")
    shop.con.execute("DROP TABLE seen")
    return total


def keep_answers(shop: LoadUnderWay) -> None:
    """Write answers.parquet where the shop gave answers, now or before."""
    names = ", ".join(ANSWERS.names)
    former = shop.former.answers if shop.former else None
    if "answers" not in shop.sources and former is None:
        return
    if "answers" in shop.sources:
        _judge(shop, "answers")
    else:
        typed = ", ".join(f"CAST(NULL AS {c.sql_type}) AS {c.name}" for c in ANSWERS.columns)
        shop.con.execute(f"CREATE TABLE good_answers AS SELECT {typed} WHERE false")
    shop.con.execute(f"CREATE TABLE all_answers AS SELECT {names} FROM good_answers")
    if former:
        # A load without parameters has no column for them.
        shop.con.execute(f"""CREATE TEMP TABLE former_answers AS SELECT * FROM good_answers WHERE false;
            INSERT INTO former_answers BY NAME SELECT * FROM read_parquet({quoted(str(former))})""")
        stored = f"SELECT {names} FROM former_answers"
        shop.con.execute(f"""CREATE OR REPLACE TABLE all_answers AS
            {stored} UNION ALL (SELECT {names} FROM good_answers EXCEPT ALL {stored})""")
    shop.con.execute("""UPDATE all_answers SET customer_id = cards.owner_id FROM cards
        WHERE cards.customer_id = all_answers.customer_id""")
    if shop.customers_complete:
        shop.con.execute("DELETE FROM all_answers WHERE customer_id NOT IN (SELECT customer_id FROM people)")
    target = quoted(str(shop.folder / "answers.parquet"))
    if not shop.count("SELECT count(parameter) FROM all_answers"):
        names = ", ".join(name for name in ANSWERS.names if name != "parameter")
    shop.con.execute(f"COPY (SELECT {names} FROM all_answers ORDER BY {names}) TO {target} (FORMAT parquet)")


def erased(shop: LoadUnderWay) -> int:
    """How many customers the former load had whom a complete customers table no longer names.

    Raises BadInput where they are more than `max_erased_share`: such a table is more likely cut off than true.
    """
    if not (shop.customers_complete and shop.known):
        return 0
    known = quoted(str(shop.known.folder / "customers" / "*.parquet"))
    total, gone = shop.con.execute(f"""SELECT count(*), count(*) FILTER (
            customer_id NOT IN (SELECT customer_id FROM people) AND customer_id NOT IN (SELECT customer_id FROM cards)
            AND customer_id NOT IN (SELECT customer_id FROM nobodies))
        FROM read_parquet({known}, hive_partitioning = false)""").fetchall()[0]
    if gone > shop.declaration.max_erased_share * total:
        raise BadInput(
            f"{shop.sources['customers'].place} is declared complete and lacks {gone:,} of the {total:,} customers known"
            f" here ({gone / total:.1%}); they would be erased. If that is meant, raise max_erased_share ="
            f" {shop.declaration.max_erased_share:g} in tables.toml; otherwise deliver the whole table."
        )
    return int(gone)


def _follow_cards(shop: LoadUnderWay) -> None:
    """Make `cards`: everybody who was merged into somebody, with the customer at the end of the chain."""
    former = shop.former.cards if shop.former else None
    shop.con.execute("""CREATE TABLE merges AS SELECT customer_id, merged_into FROM good_customers
        WHERE merged_into IS NOT NULL""")
    if former:
        shop.con.execute(f"""INSERT INTO merges SELECT customer_id, owner_id FROM read_parquet({quoted(str(former))})
            WHERE customer_id NOT IN (SELECT customer_id FROM good_customers)""")
    shop.con.execute("""CREATE TABLE cards AS
        WITH RECURSIVE chain AS (
            SELECT customer_id, merged_into AS owner_id FROM merges
            UNION
            SELECT chain.customer_id, merges.merged_into
            FROM chain JOIN merges ON merges.customer_id = chain.owner_id)
        SELECT * FROM chain WHERE owner_id NOT IN (SELECT customer_id FROM merges)""")
    circle = shop.con.execute(
        "SELECT min(customer_id) FROM merges WHERE customer_id NOT IN (SELECT customer_id FROM cards)"
    ).fetchall()[0][0]
    if circle is not None:
        raise BadInput(
            f"{shop.sources['customers'].place}: customer {circle} is merged into others who are merged into"
            " them again; one of them must have no merged_into."
        )


def _write_cards(shop: LoadUnderWay) -> None:
    """Write cards.parquet where there are any; called when their consent is settled."""
    if shop.count("SELECT count(*) FROM cards"):
        names = ", ".join(STORED_CARDS.names)
        alive = (
            "WHERE owner_id IN (SELECT customer_id FROM good_customers)" if shop.customers_complete else ""
        )
        target = quoted(str(shop.folder / "cards.parquet"))
        rows = (
            f"SELECT {names} FROM cards LEFT JOIN said_by_cards USING (customer_id) {alive} ORDER BY {names}"
        )
        shop.con.execute(f"COPY ({rows}) TO {target} (FORMAT parquet)")


def _judge(shop: LoadUnderWay, table: str) -> None:
    """Make `good_TABLE` of the rows that pass the table's checks; the others go to the quarantine."""
    source = shop.sources[table]
    unlisted = "false"
    if table == ANSWERS.name and shop.customers_complete:
        unlisted = """customer_id NOT IN (SELECT customer_id FROM people)
            AND customer_id NOT IN (SELECT customer_id FROM cards)"""
    shop.con.execute(f"""CREATE TEMP TABLE judged AS SELECT *, {first_reason(CHECKS[table])} AS reason
        FROM (SELECT *, {unlisted} AS unlisted FROM ({typed_select(source, shop.declaration)}))""")
    raw = raw_row(source, shop.declaration)
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT '{table}', reason, CASE WHEN reason = '{UNLISTED_CUSTOMER}' THEN '{{}}' ELSE {raw} END, NULL
        FROM judged WHERE reason IS NOT NULL""")
    names = [c.name + ("_minor" if c.name in {"price", "cost"} else "") for c in source.table.columns]
    if table == CUSTOMERS.name:
        note_doubtful(shop, "judged")
        refused = f"CASE WHEN {UNREAD_CONSENT} THEN false ELSE consent END AS consent"
        names = [refused if name == "consent" else name for name in names]
    shop.con.execute(
        f"CREATE TABLE good_{table} AS SELECT {', '.join(names)} FROM judged WHERE reason IS NULL"
    )
    shop.con.execute("DROP TABLE judged")


def _refuse_twice(shop: LoadUnderWay, table: str, column: str) -> None:
    twice = shop.con.execute(
        f"SELECT {column} FROM good_{table} GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 3"
    ).fetchall()
    if twice:
        some = ", ".join(repr(row[0]) for row in twice)
        raise BadInput(
            f"{shop.sources[table].place}: {column} must be unique, but {some} stands there more than once."
        )
