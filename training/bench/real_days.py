"""The real days of a history's baskets, as features beside the grid of weeks that its baskets stand on.

A basket lies on the grid by its number, which windows, cuts and the night's own features count by; its real day is told by
the time of that day: so many seconds after midnight as days have passed since 1970, and one more (zero where it is not
known). So both clocks go through the load, and a cut takes either away together. The day of the basket to come is not
known: what is overdue is reckoned for the customer's last day and their usual gap after it.
"""

from models.features.own_features import PAIR, OwnFeature

# SQL (DuckDB): from the real day, a DATE or null, to the seconds after midnight that tell it.
SECONDS_OF_DAY = "coalesce(date_diff('day', DATE '1970-01-01', {day}) + 1, 0)"

_DAYS = """WITH told AS (
    SELECT DISTINCT customer_no, item_no, age_days, nullif(epoch(purchased_at)::BIGINT % 86400, 0) AS day FROM lines
),
baskets AS (SELECT customer_no, age_days, any_value(day) AS day FROM told GROUP BY ALL),
gaps AS (
    SELECT customer_no, day, row_number() OVER latest_first AS place, day - lead(day) OVER latest_first AS gap_days
    FROM baskets WHERE day IS NOT NULL WINDOW latest_first AS (PARTITION BY customer_no ORDER BY age_days)
),
customers AS (
    SELECT customer_no, max(day) AS last_day, median(gap_days) FILTER (place <= 10) AS gap_days
    FROM gaps GROUP BY customer_no
),
pairs AS (
    SELECT customer_no, item_no, max(last_day) - max(day) AS days_without, max(gap_days) AS customer_gap_days,
        (max(day) - min(day)) / nullif(count(day) - 1, 0) AS item_gap_days,
        sum(exp(-ln(2) * (last_day - day) / 28)) AS decayed_28d
    FROM told JOIN customers USING (customer_no) WHERE item_no IS NOT NULL GROUP BY ALL
) """
# Of pairs only: the customer's usual and last gap were tried as features too, and NDCG was lower (docs/figures.md).
REAL_DAYS = (
    OwnFeature(
        "real_days_without",
        PAIR,
        f"{_DAYS} SELECT customer_no, item_no, days_without AS real_days_without FROM pairs",
    ),
    OwnFeature(
        "real_item_gap_days",
        PAIR,
        f"{_DAYS} SELECT customer_no, item_no, item_gap_days AS real_item_gap_days FROM pairs",
    ),
    OwnFeature(
        "real_due_ratio",
        PAIR,
        f"{_DAYS} SELECT customer_no, item_no, (days_without + customer_gap_days) / nullif(item_gap_days, 0) "
        "AS real_due_ratio FROM pairs",
    ),
    OwnFeature(
        "real_decayed_28d",
        PAIR,
        f"{_DAYS} SELECT customer_no, item_no, decayed_28d AS real_decayed_28d FROM pairs",
    ),
)
