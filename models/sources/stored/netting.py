"""Returns against purchases: what of each stored line stands, as known at a moment.

A return is a line with a negative quantity. It takes back what its own receipt's number names (the same customer, store
and number), the latest first; what is left of it takes back the customer's latest purchases of the product up to that
moment, in whatever store; what is still left is unmatched. Only lines that are known are looked at, so what stands at a
moment never depends on what came after it. Money goes with the units that it was paid for, not with what was refunded.
"""

from pathlib import Path

import duckdb

# Pieces and kilograms of one product do not take each other back.
PRODUCT_OF_CUSTOMER = "customer_no, product_no, unit"
RECEIPT = "store_id, basket_id"
# At one moment purchases come before returns; what still ties is told apart by its content, not by its place.
ORDER = "purchased_at, quantity_milli < 0, store_id, basket_id, quantity_milli, paid_minor, discount_minor"


def netted(lines: str) -> str:
    """SQL: `lines` with `left_milli`, what stands of a purchase and, below zero, what of a return is unmatched.

    Args:
        lines: SQL of a relation with the columns of stored purchases.

    Returns:
        The same rows and columns and `left_milli`. Over a customer's lines of a product it adds up to what
        `quantity_milli` adds up to, wherever they lie among the rows.
    """
    named = _taken_back(f"(SELECT *, quantity_milli AS open_milli FROM {lines})", RECEIPT)
    return f"(SELECT * RENAME (open_milli AS left_milli) FROM {_taken_back(named)})"


def _taken_back(lines: str, within: str = "") -> str:
    """SQL: `lines` with what is still open of each after returns took back the latest purchases before them.

    The open purchases of a customer's product are a stack: a purchase lays its units on it, a return takes units from
    the top. `laid` is the sum of all that came and went, `lacked` what returns found no unit for, and their sum the
    stack's `height`. Of a purchase stands what no later height cuts off.
    """
    whose = f"{PRODUCT_OF_CUSTOMER}, {within}" if within else PRODUCT_OF_CUSTOMER
    return f"""(
        SELECT * EXCLUDE (laid, lacked, lacked_before, lowest) REPLACE (
            CASE WHEN quantity_milli < 0 THEN lacked_before - lacked
                ELSE greatest(least(lowest - (laid + lacked - open_milli), open_milli), 0) END AS open_milli)
        FROM (
            SELECT *, min(laid + lacked) OVER (PARTITION BY {whose} ORDER BY {ORDER}
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS lowest,
                lag(lacked, 1, 0) OVER (PARTITION BY {whose} ORDER BY {ORDER}) AS lacked_before
            FROM (
                SELECT *, greatest(max(-laid) OVER (PARTITION BY {whose} ORDER BY {ORDER}
                    ROWS UNBOUNDED PRECEDING), 0) AS lacked
                FROM (
                    SELECT *, CAST(sum(open_milli) OVER (PARTITION BY {whose} ORDER BY {ORDER}
                        ROWS UNBOUNDED PRECEDING) AS BIGINT) AS laid
                    FROM {lines}))))"""


def of_what_stands(amount: str) -> str:
    """SQL: the part of a line's amount that belongs to its `left_milli`, to the nearest minor unit, halves up.

    What is taken back is the rest of it, so that the two make up the amount however many returns there were.
    """
    return f"CAST((2 * {amount}::HUGEINT * left_milli + quantity_milli) // (2 * quantity_milli) AS BIGINT)"


def with_returns(lines: str) -> str:
    """SQL: those of `lines` whose product the customer returned at least once, in any amount."""
    returned = f"(SELECT DISTINCT {PRODUCT_OF_CUSTOMER} FROM {lines} WHERE quantity_milli < 0)"
    return f"(SELECT * FROM {lines} SEMI JOIN {returned} USING ({PRODUCT_OF_CUSTOMER}))"


def make_standing(connection: duckdb.DuckDBPyConnection, purchases: Path, known: str) -> None:
    """Make the view `standing`: purchases of one bucket's file of which something stands, and how much of them.

    Columns are those of stored purchases, in the file's order; quantity and money are what stands.

    Args:
        connection: where to make it; also makes the view `known` and the table `netted`.
        purchases: the bucket's file.
        known: SQL, which of its lines are known.
    """
    connection.read_parquet(str(purchases), file_row_number=True).filter(known).create_view("known")
    if not connection.execute("SELECT 1 FROM known WHERE quantity_milli < 0 LIMIT 1").fetchall():
        connection.execute(
            "CREATE VIEW standing AS SELECT * EXCLUDE (file_row_number) FROM known WHERE quantity_milli > 0"
        )
        return
    connection.execute(f"""CREATE TABLE netted AS SELECT file_row_number, left_milli
        FROM {netted(with_returns("known"))} WHERE quantity_milli > 0 AND left_milli < quantity_milli""")
    parts = [
        f"CASE WHEN left_milli IS NULL THEN {amount} ELSE {of_what_stands(amount)} END AS {amount}"
        for amount in ("paid_minor", "discount_minor")
    ]
    connection.execute(f"""CREATE VIEW standing AS
        SELECT * EXCLUDE (file_row_number, left_milli)
            REPLACE (coalesce(left_milli, quantity_milli) AS quantity_milli, {", ".join(parts)})
        FROM known LEFT JOIN netted USING (file_row_number)
        WHERE quantity_milli > 0 AND coalesce(left_milli, quantity_milli) > 0""")
