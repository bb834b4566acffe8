"""Products that look like no merchandise (postage, deposits, bags, fees, gift cards): named, and not offered until confirmed.

What is said of a product depends on the products as stored and on the purchases as a whole, so it is the same however they
were delivered. The stored table tells by the flag `UNCONFIRMED`; `real_products` in tables.toml takes it away, and the
flag `not_offered` in the products table says for good that it is no merchandise.
"""

import tomllib
from functools import cache
from importlib import resources

from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.odd_lines import LINES_NAMED
from models.sources.reading.data_folder import quoted
from models.tables import FAMILY_LEVELS, UNCONFIRMED

# What is sold at cost is a service only where many receipts hold it, as they do bags and deposits: one line of so many.
LINES_A_SERVICE = 100
# A cost that many products have equal to their price is no cost: so many of them may be sold at cost.
SOLD_AT_COST = 0.05
# With so many lines a product whose dear tenth costs ten times its cheap tenth has no price: somebody types an amount.
ENOUGH_LINES = 20
TYPED_FACTOR = 10.0
STEPS = 20.0  # prices are counted by twentieths of a natural logarithm, so that memory does not grow with the lines

_WHY = {
    "name": "by their name",
    "cost": "sold at cost in many receipts",
    "amount": "at every price",
}


def doubt_goods(shop: LoadUnderWay, lines: str) -> tuple[str, ...]:
    """Flag what looks like no merchandise in `shelf`; returns the sentences that name it.

    Args:
        shop: with the table `shelf`.
        lines: SQL of all purchase lines that stay, each with product_no, quantity_milli, paid_minor, discount_minor, unit.
    """
    shop.con.execute(f"CREATE OR REPLACE TEMP TABLE doubted AS {_doubted(shop, lines)}")
    found = shop.con.execute("""SELECT why, count(*), list(printf('%s %s', product_id, name) ORDER BY lines DESC, product_id)
        FROM doubted JOIN shelf USING (product_no) GROUP BY why ORDER BY why""").fetchall()
    if not found:
        return ()
    shop.con.execute(f"""UPDATE shelf SET flags = concat_ws(';', nullif(flags, ''), '{UNCONFIRMED}')
        WHERE product_no IN (SELECT product_no FROM doubted)""")
    number = sum(count for _, count, _ in found)
    named = "; ".join(f"{_WHY[why]} {_some(names)}" for why, _, names in found)
    looks = (
        "product looks like no merchandise and is"
        if number == 1
        else "products look like no merchandise and are"
    )
    told = (
        f"{number:,} {looks} not offered until you say so: {named}. List what is merchandise after all in real_products of"
        " tables.toml; flag the others not_offered in the products table, and nothing is said of them again."
    )
    return (told,)


def keep_doubts(shop: LoadUnderWay) -> tuple[str, ...]:
    """Judge a load whose purchases are written, and store its products with what was found."""
    sentences = doubt_goods(
        shop,
        f"read_parquet({quoted(str(shop.folder / 'purchases' / '*.parquet'))}, hive_partitioning = false)",
    )
    if sentences:
        target = quoted(str(shop.folder / "products.parquet"))
        shop.con.execute(f"COPY (FROM shelf ORDER BY product_no) TO {target} (FORMAT parquet)")
    return sentences


def _doubted(shop: LoadUnderWay, lines: str) -> str:
    """SQL: product_no, why, lines, of what looks like no merchandise and was not confirmed."""
    columns = {row[0] for row in shop.con.execute("DESCRIBE shelf").fetchall()}
    taxed = "price_vat_bp" in columns
    price = "price_minor * 10000.0 / (10000 + price_vat_bp)" if taxed else "price_minor"
    cost = "cost_minor * 10000.0 / (10000 + cost_vat_bp)" if taxed else "cost_minor"
    at_cost = f"abs({price} - {cost}) < 0.5"
    real = ", ".join(quoted(name) for name in shop.declaration.real_products)
    confirmed = f"product_id IN ({real})" if real else "false"
    finest = f"coalesce({', '.join(reversed(FAMILY_LEVELS))}, '')"
    by_name = " OR ".join(_told_by(f"lower({text})") for text in ("name", finest))
    return f"""
        WITH sold AS (
            SELECT product_no, unit = 'piece' AND discount_minor = 0 AS priced,
                CAST(round(ln(paid_minor * 1000.0 / quantity_milli) * {STEPS}) AS INTEGER) AS step, count(*) AS lines
            FROM {lines} WHERE quantity_milli > 0 AND paid_minor > 0 GROUP BY ALL),
        counted AS (SELECT product_no, sum(lines) AS lines FROM sold GROUP BY 1),
        prices AS (
            SELECT product_no, step, sum(lines) OVER w AS up_to, sum(lines) OVER (PARTITION BY product_no) AS total
            FROM sold WHERE priced WINDOW w AS (PARTITION BY product_no ORDER BY step)),
        typed AS (SELECT product_no FROM prices WHERE total >= {ENOUGH_LINES} GROUP BY 1
            HAVING min(step) FILTER (up_to >= 0.9 * total) - min(step) FILTER (up_to >= 0.1 * total) > ln({TYPED_FACTOR}) * {STEPS}),
        costs AS (SELECT count(*) FILTER ({at_cost}) <= greatest(1, {SOLD_AT_COST} * count(*)) AS told FROM shelf
            WHERE price_minor IS NOT NULL AND cost_minor IS NOT NULL),
        judged AS (
            SELECT product_no, coalesce(lines, 0) AS lines, CASE
                WHEN {by_name} THEN 'name'
                WHEN product_no IN (FROM typed) THEN 'amount'
                WHEN {at_cost} AND (SELECT told FROM costs)
                    AND lines * {LINES_A_SERVICE} >= (SELECT sum(lines) FROM counted) THEN 'cost' END AS why
            FROM shelf LEFT JOIN counted USING (product_no) WHERE merchandise AND NOT {confirmed})
        SELECT * FROM judged WHERE why IS NOT NULL"""


@cache
def _told_by(text: str) -> str:
    """SQL: whether a text in lower case is that of a service."""
    words = _words()
    # what stands before the first letter ("*", "0,25") says nothing
    before, after = r"^[^\p{L}]*", r"($|[^\p{L}])"
    one_more = r"[^\p{L}]*$"
    starts, whole, stem = (
        "|".join(_escaped(word) for word in words[kind]) for kind in ("starts", "whole", "stem")
    )
    patterns = (
        rf"{before}({starts}){after}",
        rf"{before}\p{{L}}+[^\p{{L}}]+({starts}){one_more}",
        rf"{before}({whole}){one_more}",
        rf"{before}\p{{L}}*({stem})\p{{L}}*{after}",
    )
    return f"regexp_matches({text}, {quoted('|'.join(patterns))})"


@cache
def _words() -> dict[str, list[str]]:
    file = resources.files("models.sources.loading").joinpath("service_words.toml")
    languages = tomllib.loads(file.read_text(encoding="utf-8")).values()
    return {
        kind: sorted({word for language in languages for word in language.get(kind, [])})
        for kind in ("starts", "whole", "stem")
    }


def _escaped(word: str) -> str:
    return word.replace("-", r"\-")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - LINES_NAMED:,} more" if len(names) > LINES_NAMED else ""
    return ", ".join(repr(name) for name in names[:LINES_NAMED]) + more
