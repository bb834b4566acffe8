-- What each customer of a bucket brought by week: those of an experiment from 0 on, those before it began as -1, -2, ...
-- Reads:  earned (models.features), weeks(starts_age, days, began_age, before_days): ages in days before the moment of reading
WITH dated AS (
    SELECT
        earned.*,
        starts_age - age_days AS day_no,
        age_days - began_age AS days_before,
        CASE
            WHEN day_no >= 0 AND day_no < days THEN day_no // 7
            WHEN days_before >= 1 AND days_before <= before_days THEN -1 - (days_before - 1) // 7
        END AS week
    FROM earned
    CROSS JOIN weeks
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
