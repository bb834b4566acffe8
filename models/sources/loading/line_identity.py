"""Which lines are the same line.

A line is known by customer, store, day of business, receipt, whether it is a sale or a return, and its `line_no`. Where
it has no `line_no`, equal lines of one receipt are numbered and all kept: they are as many as the file has that has
most of them, so that a receipt which two files repeat counts once.
"""

from models.tables.row_checks import DUPLICATE_LINE, LINE_NO_TWICE, REPEATED_LINE

REST = "line_no, quantity_milli, paid_minor, discount_minor, by_weight, store_id"
# Computed once a line: lines of one customer with the same number are equal in every column.
EQUAL = f"hash(basket_id, purchased_at, product_no, {REST})"
LINE = f"person, product_no, basket_id, purchased_at, {REST}"
# A total order, so that the same lines give the same bytes in whatever order they came.
ORDER = "person, purchased_at, basket_id, product_no, equal"
# Lines that differ in this are different lines; those that do not may still be of two days or stores.
MAY_BE_SAME = "hash(person, CASE WHEN line_no IS NULL THEN equal ELSE hash(basket_id, line_no) END)"
SAME = """person, CASE WHEN line_no IS NULL THEN equal
    ELSE hash(local_day, store_id, basket_id, quantity_milli < 0, line_no) END"""


def told_apart(lines: str) -> str:
    """SQL: `lines` (LINE, equal, file_no, fresh, local_day) with `why`, null for those that stay.

    Of the same lines a delivered one stays before a stored one, and otherwise the first in the stored order. The others
    say why they do not: it stands in another file or in the load already, twice in its file, or it is another
    line with the same number; `for_fresh` says that what stays is a delivered line.
    """
    return f"""(
        SELECT * EXCLUDE (nth, of_equal, of_file, place),
            CASE WHEN place = 1 THEN NULL WHEN equal <> of_equal THEN '{LINE_NO_TWICE}'
                WHEN file_no <> of_file THEN '{REPEATED_LINE}' ELSE '{DUPLICATE_LINE}' END AS why
        FROM (
            SELECT *, row_number() OVER same AS place, first_value(equal) OVER same AS of_equal,
                first_value(file_no) OVER same AS of_file, first_value(fresh) OVER same AS for_fresh
            FROM (
                SELECT *, CASE WHEN line_no IS NULL
                    THEN row_number() OVER (PARTITION BY {SAME}, file_no) ELSE 1 END AS nth
                FROM {lines})
            WINDOW same AS (PARTITION BY {SAME}, nth ORDER BY fresh DESC, {ORDER}, file_no)))"""
