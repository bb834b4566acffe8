-- What each month's new customers of a bucket did in the months of 28 days after their own first purchase.
-- Reads:  net_item_days, moment (models.features.bucket_history), margins(item_no, cost_minor, assumed_bp),
--         counted(default_assumed_bp)
WITH earned AS (
    SELECT
        net_item_days.customer_no,
        age_days,
        net_paid_minor - coalesce(
            cost_minor * quantity_milli / 1000.0,
            (net_paid_minor + net_discount_minor) * (1 - coalesce(assumed_bp, default_assumed_bp) / 10000.0)
        ) AS margin_minor
    FROM net_item_days
    CROSS JOIN counted
    LEFT JOIN margins USING (item_no)
    WHERE quantity_milli > 0
),

started AS (
    SELECT
        customer_no,
        max(age_days) AS first_age,
        strftime(any_value(as_of_day) - max(age_days)::INTEGER, '%Y-%m') AS cohort
    FROM earned
    CROSS JOIN moment
    GROUP BY customer_no
),

lived AS (
    SELECT
        customer_no,
        any_value(cohort) AS cohort,
        (first_age - age_days) // 28 AS month_no,
        count(DISTINCT age_days) AS visits,
        sum(margin_minor) AS margin_minor
    FROM earned
    JOIN started USING (customer_no)
    GROUP BY customer_no, month_no
)

SELECT
    cohort,
    month_no,
    count(*) AS active,
    sum(visits)::DOUBLE AS visits,
    sum(visits * visits)::DOUBLE AS visits_squared,
    sum(margin_minor)::DOUBLE AS margin_minor,
    sum(margin_minor * margin_minor)::DOUBLE AS margin_squared
FROM lived
GROUP BY cohort, month_no
ORDER BY cohort, month_no;
