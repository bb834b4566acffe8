"""Lines whose signs, price or quantity are odd: all are kept, and named with file, line and value.

Setting a line aside because of its neighbours would lose purchases where the shop is right, and would make a load depend
on how it was cut into deliveries. What a price or a quantity far from all others may do afterwards is bounded where it is
used (`models.features.item_statistics`, `training.fitting.lifetime_likelihood`).
"""

from dataclasses import dataclass

from models.sources.loading.delivery import paths
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.odd_lines import LINES_NAMED, name_lines
from models.sources.reading.data_folder import quoted

# Values are compared in steps of a fiftieth of e, two per cent: a product has few of them, however many lines.
STEPS = 50
# Below so many lines of a product nobody knows what is usual.
ENOUGH_LINES = 5
# What varies much may vary more: so many times the median distance from the product's own median.
OWN_SPREADS = 8


@dataclass(frozen=True)
class Measure:
    """What is compared with the product's other lines.

    Attributes:
        says: its name in a sentence.
        value: SQL over a sale, above 0.
        factor: beyond this multiple of the product's median it is odd.
        below: below the median by the factor it is odd too.
    """

    says: str
    value: str
    factor: float
    below: bool


# Reductions reach to a fifth; a case instead of a piece is a dozen; a decimal mark that was lost makes a hundred.
PRICE = Measure("price", "(paid_minor + discount_minor) * 1000.0 / quantity_milli", 5.0, below=True)
QUANTITY = Measure("quantity", "quantity_milli / 1000.0", 50.0, below=False)
SALE = "quantity_milli > 0 AND paid_minor > 0"
# SQL over typed rows: the sign of the one says sale, that of the other return.
TURNED = "coalesce(sign(quantity_milli) * sign(paid_minor) = -1, false)"


def name_odd_money(shop: LoadUnderWay, judged: str) -> tuple[str, ...]:
    """Sentences that name lines read as returns, and those whose price or quantity is far from the product's own.

    Args:
        shop: with the table `lines`, which has a column `turned`.
        judged: SQL of the source's typed rows with their `reason`, null for a good one.
    """
    found = [_turned(shop, judged), *(_far_from_usual(shop, judged, one) for one in (PRICE, QUANTITY))]
    return tuple(said for said in found if said)


def _turned(shop: LoadUnderWay, judged: str) -> str:
    number = shop.count("SELECT count(*) FROM lines WHERE turned AND bad IS NULL")
    if not number:
        return ""
    quantity = "quantity" if shop.declaration.quantity == "decimal" else "quantity_milli"
    value = f"concat('{quantity} ', trim(raw_{quantity}), ', paid ', trim(raw_paid))"
    named = name_lines(shop, judged, "reason IS NULL AND turned", value)
    return (
        f"Read {_lines(number)} with positive quantity and negative paid, or the reverse, as returns:"
        f" {_some(named, number)}. No purchase is counted for them; if they are none, correct a sign and load again."
    )


def _far_from_usual(shop: LoadUnderWay, judged: str, measure: Measure) -> str:
    """Name what lies far from the median of its product, over the lines that come and those that are there."""
    step = f"CAST(round(ln({measure.value}) * {STEPS}) AS INTEGER)"
    shop.con.execute(f"""CREATE OR REPLACE TEMP TABLE steps AS
        SELECT product_no, by_weight, step, sum(lines) AS lines, sum(fresh) AS fresh FROM (
            SELECT product_no, by_weight, {step} AS step, count(*) AS lines, count(*) AS fresh
            FROM lines WHERE bad IS NULL AND {SALE} GROUP BY ALL
            {_stored_steps(shop, step)})
        GROUP BY ALL""")
    shop.con.execute(f"""CREATE OR REPLACE TEMP TABLE usual AS
        WITH middle AS ({_median("steps", "step", "median")}),
        far AS (SELECT product_no, by_weight, abs(step - median) AS distance, sum(lines) AS lines
            FROM steps JOIN middle USING (product_no, by_weight) GROUP BY ALL),
        spread AS ({_median("far", "distance", "spread")})
        SELECT product_no, by_weight, median,
            greatest({OWN_SPREADS} * spread, ln({measure.factor}) * {STEPS}) AS reach
        FROM middle JOIN spread USING (product_no, by_weight) WHERE middle.total >= {ENOUGH_LINES}""")
    odd = f"{'abs(step - median)' if measure.below else 'step - median'} > reach"
    number = shop.count(
        f"SELECT coalesce(sum(fresh), 0) FROM steps JOIN usual USING (product_no, by_weight) WHERE {odd}"
    )
    if not number:
        return ""
    rows = f"""(SELECT *, CASE WHEN {SALE} THEN {step} END AS step
        FROM {judged} JOIN usual USING (product_no, by_weight))"""
    shown_in_minor = shop.declaration.money == "minor" or measure is not PRICE
    digits = 0 if shown_in_minor else shop.declaration.minor_digits
    shown = f"%.{digits}f"
    value = f"""printf('{shown} where about {shown} is usual (', {measure.value} / {10.0**digits},
        exp(median / {STEPS}.0) / {10.0**digits}) || trim(raw_product_id) || ')'"""
    named = name_lines(shop, rows, f"reason IS NULL AND {odd}", value)
    return (
        f"Kept {_lines(number)} whose {measure.says} is far from what the product's lines usually have:"
        f" {_some(named, number)}. What one line may move is bounded; if the value is wrong, correct it and load again."
    )


def _stored_steps(shop: LoadUnderWay, step: str) -> str:
    """SQL: the same of the load that is added to, so that a day's few lines are judged by the whole history."""
    former = shop.former
    if former is None:
        return ""
    files = paths([former.purchases(bucket) for bucket in range(former.buckets)])
    return f"""UNION ALL
            SELECT shelf.product_no, by_weight, step, lines, 0 AS fresh FROM (
                SELECT product_no AS old_no, unit = 'kg' AS by_weight, {step} AS step, count(*) AS lines
                FROM read_parquet({files}, hive_partitioning = false) WHERE {SALE} GROUP BY ALL)
            JOIN (SELECT product_no AS old_no, product_id FROM read_parquet({quoted(str(former.products))})) USING (old_no)
            JOIN (SELECT product_id, product_no FROM shelf) AS shelf USING (product_id)"""


def _median(table: str, value: str, name: str) -> str:
    """SQL: the lower median of each product's `value`, every one weighing as many `lines` as it has."""
    return f"""SELECT product_no, by_weight, min({value}) AS {name}, any_value(total) AS total FROM (
            SELECT *, sum(lines) OVER (PARTITION BY product_no, by_weight ORDER BY {value}) AS up_to,
                sum(lines) OVER (PARTITION BY product_no, by_weight) AS total FROM {table})
        WHERE up_to * 2 >= total GROUP BY product_no, by_weight"""


def _lines(number: int) -> str:
    return f"{number:,} {'line' if number == 1 else 'lines'}"


def _some(named: list[str], number: int) -> str:
    return "; ".join(named) + (f"; and {number - LINES_NAMED:,} more" if number > LINES_NAMED else "")
