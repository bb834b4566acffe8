"""Ids and families that only their spelling parts, and products that only their id joins: named, never guessed.

A customer whose row lies under another spelling of their id has no refusal, and a family that is written in two ways is
excluded by half. Whoever gives an old id to another product offers it to those who bought the old one.
"""

from contextlib import suppress

import duckdb

from models.ground.shop_ids import NUMBER_PATTERN
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.tables import FAMILY_LEVELS

NAMED = 3


def odd_spellings(shop: LoadUnderWay) -> tuple[str, ...]:
    """A sentence for each kind of them; called when `people`, `shelf` and `lines` are made."""
    return tuple(filter(None, (_customers(shop), _families(shop), _other_products(shop))))


def _key(text: str) -> str:
    """SQL: `text` without what people do not see or mean: case, blanks, marks of direction, leading zeros."""
    visible = f"regexp_replace({text}, '[\\s\\p{{Z}}\\p{{Cf}}]', '', 'g')"
    return f"lower(nfc_normalize(regexp_replace({visible}, '{NUMBER_PATTERN}', '\\1')))"


def _customers(shop: LoadUnderWay) -> str:
    if "customers" not in shop.sources:
        return ""
    found = shop.con.execute(f"""SELECT customer_id, min(row_id), count(*) OVER () FROM people
        JOIN (SELECT customer_id AS row_id, {_key("customer_id")} AS key FROM people WHERE listed) AS rows
            ON {_key("people.customer_id")} = key
        WHERE NOT listed GROUP BY 1 ORDER BY 1 LIMIT {NAMED}""").fetchall()
    if not found:
        return ""
    number = found[0][2]
    some = "; ".join(f"'{here}' here, '{there}' there" for here, there, _ in found)
    who = "1 customer of the purchases is" if number == 1 else f"{number:,} customers of the purchases are"
    return (
        f"{who} not in the customers table, but under another spelling: {some}. What their row says, a refusal too, is not"
        ' theirs. If they are the same, write them alike, or declare ids = "numbers" where only zeros differ.'
    )


def _families(shop: LoadUnderWay) -> str:
    said = []
    for level in FAMILY_LEVELS:
        found = shop.con.execute(f"""SELECT list(name ORDER BY products DESC, name), list(products ORDER BY products DESC, name)
            FROM (SELECT {level} AS name, count(*) AS products FROM shelf WHERE name IS NOT NULL GROUP BY 1)
            GROUP BY {_key("name")} HAVING count(*) > 1 ORDER BY 1 LIMIT {NAMED}""").fetchall()
        for names, products in found:
            ways = (f"{name!r} ({_products(n)})" for name, n in zip(names, products, strict=True))
            said.append(f"of {level} {', '.join(ways)}")
    if not said:
        return ""
    return (
        f"Families that differ only by case or blanks are different families: {'; '.join(said)}. A programme that excludes"
        " one does not mean the others; write them alike."
    )


def _other_products(shop: LoadUnderWay) -> str:
    if not shop.known:
        return ""
    before = f"read_parquet({quoted(str(shop.known.products))})"
    found = []
    with suppress(duckdb.Error):  # a load that is damaged is there to be replaced
        found = shop.con.execute(f"""SELECT product_id, old.name, old.family_1, shelf.name, shelf.family_1, count(*) OVER ()
            FROM {before} AS old JOIN shelf USING (product_id)
            WHERE {_key("old.name")} <> {_key("shelf.name")} AND {_key("old.family_1")} <> {_key("shelf.family_1")}
            ORDER BY 1 LIMIT {NAMED}""").fetchall()
    if not found:
        return ""
    some = "; ".join(
        f"{product!r} was {was!r} ({of}) and is {name!r} ({now_of})"
        for product, was, of, name, now_of, _ in found
    )
    has, it = ("has", "it is") if found[0][5] == 1 else ("have", "they are")
    return (
        f"{_products(found[0][5])} {has} another name and another family than before: {some}. What was bought under the id"
        f" until now counts as bought of what it is now; if {it} another product, give it an id of its own."
    )


def _products(number: int) -> str:
    return f"{number:,} {'product' if number == 1 else 'products'}"
