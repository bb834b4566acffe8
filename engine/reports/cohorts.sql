-- What each month's new customers of a bucket did in the months of 28 days after their own first purchase.
-- Reads:  earned (models.features), moment (models.features.bucket_history)
WITH started AS (
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
