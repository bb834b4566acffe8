"""The chain's promotions, past and planned: judged, joined with those stored before, written as promotions.parquet.

A promotion is a product in a store (or in every store) from its first day to its last, known beforehand as a retailer
knows its mailer. In a delivery the day on which promotions begin is what is replaced: all stored ones that begin on a
day on which a delivered one begins go, so that what was called off goes with the plan it stood in, and the past stays.
Where `[promotions] complete = true` the delivered table is all there is.
"""

from pathlib import Path

from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.reading.typed_columns import raw_row, typed_select
from models.sources.stored.finished_load import Data
from models.tables import PRODUCT_NO, PROMOTIONS, STORED_PROMOTIONS
from models.tables.row_checks import CHECKS, first_reason

_NAMES = ", ".join(STORED_PROMOTIONS.names)
# By the first day, so that whoever asks for a few weeks reads a few row groups; then whatever else makes it one order.
_ORDER = ", ".join(sorted(STORED_PROMOTIONS.names, key=lambda name: name != "starts_on"))


def keep_promotions(shop: LoadUnderWay) -> None:
    """Write promotions.parquet where the shop gave promotions, now or before; called when `shelf` is made.

    Leaves the views `good_promotions`, what came, and `all_promotions`, what is stored now.
    """
    before = shop.former.promotions if shop.former else None
    if PROMOTIONS.name not in shop.sources and before is None:
        return
    parts = []
    if PROMOTIONS.name in shop.sources:
        _judge(shop)
        parts.append(f"SELECT {_NAMES} FROM good_promotions")
    if shop.former and before and not _complete(shop):
        parts.append(_stored(shop, shop.former, before))
    target = quoted(str(shop.folder / STORED_PROMOTIONS.name))
    rows = " UNION ALL ".join(parts)
    shop.con.execute(f"COPY (FROM ({rows}) ORDER BY {_ORDER}) TO {target} (FORMAT parquet)")
    shop.con.execute(f"CREATE VIEW all_promotions AS FROM read_parquet({target})")


def _complete(shop: LoadUnderWay) -> bool:
    return PROMOTIONS.name in shop.sources and shop.declaration.vocabulary.of(PROMOTIONS.name).complete


def _judge(shop: LoadUnderWay) -> None:
    """Put bad rows into the quarantine and the others aside: a chain has millions of them, which no table here holds."""
    source = shop.sources[PROMOTIONS.name]
    typed = typed_select(source, shop.declaration)
    shop.con.execute(f"""CREATE TEMP VIEW judged AS SELECT *, {first_reason(CHECKS[PROMOTIONS.name])} AS reason
        FROM ({typed}) LEFT JOIN (SELECT product_id, product_no FROM shelf) USING (product_id)""")
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT '{PROMOTIONS.name}', reason, {raw_row(source, shop.declaration)}, NULL FROM judged WHERE reason IS NOT NULL""")
    aside = quoted(str(shop.folder / "spill" / STORED_PROMOTIONS.name))
    said = {name: f"coalesce({name}, false) AS {name}" for name in ("mailer", "display")}
    columns = ", ".join(said.get(name, name) for name in STORED_PROMOTIONS.names)
    shop.con.execute(f"COPY (SELECT {columns} FROM judged WHERE reason IS NULL) TO {aside} (FORMAT parquet)")
    shop.con.execute("DROP VIEW judged")
    shop.con.execute(f"CREATE VIEW good_promotions AS FROM read_parquet({aside})")


def _stored(shop: LoadUnderWay, former: Data, promotions: Path) -> str:
    """SQL: what the former load knew and the delivery does not replace, with the products' new numbers."""
    named = f"(SELECT product_no AS former_no, product_id FROM read_parquet({quoted(str(former.products))}))"
    renumbered = ", ".join(
        f"{'shelf' if name == PRODUCT_NO else 'stored'}.{name}" for name in STORED_PROMOTIONS.names
    )
    stays = (
        "starts_on NOT IN (SELECT starts_on FROM good_promotions)"
        if PROMOTIONS.name in shop.sources
        else "true"
    )
    return f"""SELECT {renumbered} FROM read_parquet({quoted(str(promotions))}) AS stored
        JOIN {named} ON former_no = stored.product_no JOIN shelf USING (product_id) WHERE {stays}"""


def about_promotions(shop: LoadUnderWay) -> tuple[str, ...]:
    """What the promotions are, in a sentence, and a second one where their stores are nobody's; called when `lines` is made."""
    if PROMOTIONS.name not in shop.sources or not shop.count("SELECT count(*) FROM good_promotions"):
        return ()
    rows, products, stores, everywhere, first, last = (
        shop.con.execute("""SELECT count(*), count(DISTINCT product_no),
        count(DISTINCT store_id), count(*) FILTER (store_id IS NULL), min(starts_on), max(ends_on)
        FROM good_promotions""").fetchall()[0]
    )
    where = f"in {stores:,} {'store' if stores == 1 else 'stores'}" if stores else "in every store"
    where += f", {everywhere:,} of them in every store" if everywhere and stores else ""
    day = _last_day(shop)
    planned = shop.count(f"SELECT count(*) FROM good_promotions WHERE starts_on > {day}")
    plan = (
        f"{planned:,} {'begins' if planned == 1 else 'begin'} after the last purchase"
        if planned
        else "none begins after the last purchase, so a night after that knows no plan: bring the coming weeks' too"
    )
    said = [
        f"Promotions: {rows:,} of {products:,} {'product' if products == 1 else 'products'} {where}, {first} to {last}; {plan}."
    ]
    if stores and (strangers := _strangers(shop)):
        said.append(strangers)
    return tuple(said)


def _last_day(shop: LoadUnderWay) -> str:
    """SQL: the local day of the last purchase that came or was stored."""
    stored = f", DATE '{max(shop.former.days())}'" if shop.former else ""
    return f"(SELECT greatest(CAST(max(purchased_at) AS DATE){stored}) FROM lines)"


def _strangers(shop: LoadUnderWay) -> str:
    """A sentence where most promotions of stores are of stores in which this load's purchases were not made."""
    in_stores, known, store = (
        shop.con.execute("""SELECT count(*), count(*) FILTER (known), min(store_id) FILTER (NOT known)
        FROM (SELECT store_id, store_id IN (SELECT DISTINCT store_id FROM lines WHERE store_id IS NOT NULL) AS known
            FROM good_promotions WHERE store_id IS NOT NULL)""").fetchall()[0]
    )
    if not shop.count("SELECT count(*) FROM lines") or 2 * known >= in_stores:
        return ""
    return (
        f"{in_stores - known:,} of {in_stores:,} promotions are in stores that no purchase of this load names, {store!r} for"
        " one; write stores alike in both tables."
    )
