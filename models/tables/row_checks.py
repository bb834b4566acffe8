"""What makes a row bad: named checks, each an SQL predicate, the reason written beside the row, and that reason in words.

The layer between `tables` (which columns there are) and `sources` (how files become those columns). A check
speaks about a row as `models.sources.reading.typed_columns` has read it: the typed column under its stored name (null where the
text could not be read) and, under the source's name with `raw_` before it, what the source held. The first
check that holds names the reason, so the order below is the order of importance. A shop's data that breaks in
a new way gets a new line here and nothing else.
"""

from dataclasses import dataclass

from models.ground.shop_ids import CONTROL, ID_RULE, no_id
from models.tables.input_tables import LEAST_VAT_BP, LONGEST_NAME, LONGEST_PARAMETER, MOST_VAT_BP

DUPLICATE_LINE = "duplicate_line"
# The same line in another file, or delivered again: nothing is lost, and it is no bad row.
REPEATED_LINE = "repeated_line"
LINE_NO_TWICE = "line_no_twice"
# Reasons that are found only where lines are compared with each other.
OF_SEVERAL_LINES = (DUPLICATE_LINE, REPEATED_LINE, LINE_NO_TWICE)
UNREADABLE_LINE = "unreadable_line"
# Reasons that are found only where the days of all lines are known.
IMPLAUSIBLE_DAY = "implausible_day"
# The owner has said so in tables.toml: it is no bad row.
UNDECLARED_DAY = "undeclared_day"
NO_BAD_ROWS = (REPEATED_LINE, UNDECLARED_DAY)
# Of such a row nothing is kept: the shop has erased the customer, or never knew them.
UNLISTED_CUSTOMER = "unlisted_customer"


@dataclass(frozen=True)
class RowCheck:
    """One way in which a row can be bad: the reason's name, the predicate that holds for it, in words."""

    reason: str
    predicate: str
    meaning: str


def _bad_id(predicate: str) -> RowCheck:
    return RowCheck("bad_id", predicate, ID_RULE)


PURCHASE_CHECKS = (
    RowCheck(
        "null_id",
        # Without a customer it is a sale without a card; the words are those of every table.
        "basket_id IS NULL OR product_id IS NULL",
        "customer, basket or product is empty",
    ),
    RowCheck(
        UNLISTED_CUSTOMER,
        "unlisted",
        "the customer is not in the customers table, which tables.toml declares complete",
    ),
    # Ids that are known were judged in their own table; a hundred million lines need not be judged again.
    _bad_id(f"(person IS NULL AND {no_id('customer_id')}) OR (product_no IS NULL AND {no_id('product_id')})"),
    RowCheck(
        "unparsable_time", "purchased_at IS NULL", "the time is empty, no time, or not from 1970 to 2199"
    ),
    RowCheck("time_without_zone", "NOT zoned", "tables.toml declares zoned times and this one has no zone"),
    RowCheck(
        "bad_number",
        "quantity_milli IS NULL OR paid_minor IS NULL OR (discount_minor IS NULL AND raw_discount IS NOT NULL)"
        " OR (line_no IS NULL AND raw_line_no IS NOT NULL)",
        "quantity, paid, discount or line_no is no number, or a number beyond reason",
    ),
    RowCheck("unknown_unit", "unit NOT IN ('piece', 'kg')", "the unit is neither piece nor kg"),
    RowCheck(
        "negative_discount",
        "discount_minor < 0 AND quantity_milli >= 0 AND paid_minor >= 0",
        "a discount below zero on a line that is no return",
    ),
    RowCheck("unknown_product", "product_no IS NULL", "the product is not in the products table"),
    RowCheck(
        "zero_quantity_without_money",
        "quantity_milli = 0 AND paid_minor = 0",
        "nothing was bought and nothing was paid",
    ),
)
PRODUCT_CHECKS = (
    RowCheck("null_id", "product_id IS NULL", "product_id is empty"),
    _bad_id(no_id("product_id")),
    RowCheck(
        "bad_number",
        "(price_minor IS NULL AND raw_price IS NOT NULL) OR (cost_minor IS NULL AND raw_cost IS NOT NULL)"
        " OR (stock IS NULL AND raw_stock IS NOT NULL)",
        "price, cost or stock is no number",
    ),
    RowCheck("negative_price", "price_minor < 0 OR cost_minor < 0", "price or cost is below zero"),
    RowCheck(
        "impossible_vat",
        "(vat_bp IS NULL AND raw_vat_bp IS NOT NULL) OR (vat_bp <> 0"
        f" AND vat_bp NOT BETWEEN {LEAST_VAT_BP} AND {MOST_VAT_BP})",
        "vat_bp is no number or no rate of VAT: 19 % is 1900, and it is 0 or from 1 % to 50 %",
    ),
    RowCheck(
        "unparsable_date",
        "introduced_on IS NULL AND raw_introduced_on IS NOT NULL",
        "introduced_on is no date",
    ),
)
CUSTOMER_CHECKS = (
    RowCheck("null_id", "customer_id IS NULL", "customer_id is empty"),
    _bad_id(f"{no_id('customer_id')} OR {no_id('merged_into')}"),
    RowCheck(
        "merged_into_itself", "merged_into = customer_id", "the customer is merged into the same customer"
    ),
    RowCheck(
        "unparsable_date",
        "(joined_on IS NULL AND raw_joined_on IS NOT NULL) OR (birth_date IS NULL AND raw_birth_date IS NOT NULL)",
        "joined_on or birth_date is no date",
    ),
    RowCheck(
        "bad_boolean",
        "open_complaint IS NULL AND raw_open_complaint IS NOT NULL",
        "open_complaint is neither true nor false",
    ),
)
ANSWER_CHECKS = (
    RowCheck("null_id", "customer_id IS NULL", "customer_id is empty"),
    RowCheck(
        UNLISTED_CUSTOMER,
        "unlisted",
        "the customer is not in the customers table, which tables.toml declares complete",
    ),
    _bad_id(no_id("customer_id")),
    RowCheck(
        "unparsable_time", "answered_at IS NULL", "the time is empty, no time, or not from 1970 to 2199"
    ),
    RowCheck("time_without_zone", "NOT zoned", "tables.toml declares zoned times and this one has no zone"),
    RowCheck("unknown_kind", "kind IS NULL OR kind NOT IN ('nps', 'csi')", "kind is neither nps nor csi"),
    RowCheck("bad_number", "score IS NULL", "score is no whole number"),
    RowCheck(
        "nps_with_parameter",
        "kind = 'nps' AND parameter IS NOT NULL",
        "an nps answer is about the shop as a whole and has no parameter; score single ones as csi",
    ),
    RowCheck(
        "long_parameter",
        f"length(parameter) > {LONGEST_PARAMETER}",
        f"parameter is longer than {LONGEST_PARAMETER} characters: a name is expected, no comment",
    ),
)
# A promotion is judged with the number of its product, as a purchase is.
PROMOTION_CHECKS = (
    RowCheck("null_id", "product_id IS NULL", "product_id is empty"),
    _bad_id(f"product_no IS NULL AND {no_id('product_id')}"),
    RowCheck(
        "unparsable_date",
        "starts_on IS NULL OR ends_on IS NULL",
        "starts_on or ends_on is empty or no date",
    ),
    RowCheck("ends_before_it_starts", "ends_on < starts_on", "ends_on is before starts_on"),
    RowCheck(
        "bad_number",
        "(price_minor IS NULL AND raw_price IS NOT NULL) OR (discount_minor IS NULL AND raw_discount IS NOT NULL)",
        "price or discount is no number",
    ),
    RowCheck("negative_price", "price_minor < 0 OR discount_minor < 0", "price or discount is below zero"),
    RowCheck(
        "bad_boolean",
        "(mailer IS NULL AND raw_mailer IS NOT NULL) OR (display IS NULL AND raw_display IS NOT NULL)",
        "mailer or display is neither true nor false",
    ),
    RowCheck(
        "empty_promotion",
        "price_minor IS NULL AND discount_minor IS NULL AND NOT coalesce(mailer, false) AND NOT coalesce(display, false)",
        "neither price nor discount is given, and it is neither in the mailer nor on display",
    ),
    RowCheck("unknown_product", "product_no IS NULL", "the product is not in the products table"),
)
# A funding is judged with whether the shelf has its product and its family, and whether its agreement says one budget.
FUNDING_CHECKS = (
    RowCheck("null_funder", "funder IS NULL OR agreement IS NULL", "funder or agreement is empty"),
    RowCheck(
        "long_name",
        f"length(funder) > {LONGEST_NAME} OR length(agreement) > {LONGEST_NAME}",
        f"funder or agreement is longer than {LONGEST_NAME} characters",
    ),
    # Both are kept with every published offer, and PostgreSQL holds no NUL.
    RowCheck(
        "bad_name",
        f"regexp_matches(funder, '{CONTROL}') OR regexp_matches(agreement, '{CONTROL}')",
        "funder or agreement holds a control character",
    ),
    RowCheck(
        "product_or_family",
        "(product_id IS NULL) = (family IS NULL)",
        "a product or a family is expected, and neither or both are given",
    ),
    _bad_id(f"NOT known AND {no_id('product_id')}"),
    RowCheck(
        "unparsable_date",
        "starts_on IS NULL OR ends_on IS NULL",
        "starts_on or ends_on is empty or no date",
    ),
    RowCheck("ends_before_it_starts", "ends_on < starts_on", "ends_on is before starts_on"),
    RowCheck(
        "bad_number",
        "funded_bp IS NULL OR budget_minor IS NULL OR (unit_cap_minor IS NULL AND raw_unit_cap IS NOT NULL)",
        "funded_bp, budget or unit_cap is no number, and only unit_cap may be empty",
    ),
    RowCheck(
        "impossible_share",
        "funded_bp NOT BETWEEN 1 AND 10000",
        "funded_bp is not from 1 to 10000, which is all of the discount",
    ),
    RowCheck(
        "nothing_funded",
        "budget_minor <= 0 OR unit_cap_minor <= 0",
        "budget or unit_cap is not above zero; leave unit_cap empty where there is none",
    ),
    RowCheck(
        "two_budgets",
        "two_budgets",
        "other rows of the agreement say another budget; it is one for all of them",
    ),
    RowCheck(
        "unknown_product", "product_id IS NOT NULL AND NOT known", "the product is not in the products table"
    ),
    RowCheck("unknown_family", "NOT known", "no product of the products table is of the family"),
)
CHECKS = {
    "purchases": PURCHASE_CHECKS,
    "products": PRODUCT_CHECKS,
    "customers": CUSTOMER_CHECKS,
    "answers": ANSWER_CHECKS,
    "promotions": PROMOTION_CHECKS,
    "fundings": FUNDING_CHECKS,
}


def first_reason(checks: tuple[RowCheck, ...]) -> str:
    """SQL expression: the reason of the first check that holds for a row, null for a good row."""
    cases = " ".join(f"WHEN {check.predicate} THEN '{check.reason}'" for check in checks)
    return f"CASE {cases} END"


# In words, what no single row shows.
OF_ALL_LINES = {
    DUPLICATE_LINE: "the same line stands in the file twice",
    REPEATED_LINE: "the same line stands in two files and counts once",
    LINE_NO_TWICE: "another line of the receipt has the same line_no; if several tills count alike, name the receipt by"
    ' several columns, basket_id = ["till", "receipt"]',
    UNREADABLE_LINE: "the line of the CSV file has not the header's columns or is not in the declared encoding",
    IMPLAUSIBLE_DAY: "the day is after that of the load, or years away from the shop's other days; if such days are right,"
    " declare first_day or last_day in tables.toml",
    UNDECLARED_DAY: "the day is before first_day or after last_day, as tables.toml declares them",
}


def meaning(reason: str, table: str) -> str:
    """A reason in words, for summaries; `table` is the one whose row is bad."""
    if reason in OF_ALL_LINES:
        return OF_ALL_LINES[reason]
    return next(check.meaning for check in CHECKS[table] if check.reason == reason)
