-- What each customer of a bucket brought by week: those of an experiment from 0 on, those before it began as -1, -2, ...
-- Reads:  net_item_days (models.features.bucket_history), margins(item_no, cost_minor, assumed_bp),
--         weeks(starts_age, days, began_age, before_days, default_assumed_bp): ages in days before the moment of reading
WITH dated AS (
    SELECT
        net_item_days.*,
        starts_age - age_days AS day_no,
        age_days - began_age AS days_before,
        CASE
            WHEN day_no >= 0 AND day_no < days THEN day_no // 7
            WHEN days_before >= 1 AND days_before <= before_days THEN -1 - (days_before - 1) // 7
        END AS week,
        net_paid_minor - coalesce(
            cost_minor * quantity_milli / 1000.0,
            (net_paid_minor + net_discount_minor) * (1 - coalesce(assumed_bp, default_assumed_bp) / 10000.0)
        ) AS margin_minor
    FROM net_item_days
    CROSS JOIN weeks
    LEFT JOIN margins USING (item_no)
),

people AS (
    SELECT customer_no, min(days_before) FILTER (days_before >= 1) AS seen_days_before
    FROM dated
    GROUP BY customer_no
),

brought AS (
    SELECT
        customer_no,
        week,
        count(DISTINCT age_days) AS visits,
        sum(paid_minor)::DOUBLE AS paid_minor,
        sum(margin_minor)::DOUBLE AS margin_minor
    FROM dated
    WHERE week IS NOT NULL
    GROUP BY customer_no, week
)

SELECT people.customer_no, seen_days_before, week, visits, paid_minor, margin_minor
FROM people
LEFT JOIN brought USING (customer_no)
ORDER BY people.customer_no, week;
