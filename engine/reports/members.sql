-- What members and others of a bucket bought in the period, and, by months of 28 days before its end, who was active.
-- Reads:  earned (models.features), counted(days), joined(customer_no, joined_age: days before the end, null for no member)
-- Rows:   month_no -1 is the whole period, months count back from 0, the last 28 days
WITH months AS (
    SELECT -1 AS month_no, days AS from_age, 1 AS to_age FROM counted
    UNION ALL
    SELECT month_no, 28 * month_no + 28, 28 * month_no + 1
    FROM counted, range(days // 28) AS numbers (month_no)
),

-- everybody who had bought by the end of each of them
each AS (
    SELECT
        month_no,
        customer_no,
        count(DISTINCT age_days) FILTER (age_days <= from_age) AS visits,
        coalesce(sum(paid_minor) FILTER (age_days <= from_age), 0) AS paid_minor,
        coalesce(sum(discount_minor) FILTER (age_days <= from_age), 0) AS discount_minor,
        coalesce(sum(margin_minor) FILTER (age_days <= from_age), 0) AS margin_minor
    FROM earned
    JOIN months ON age_days >= to_age
    GROUP BY month_no, customer_no
)

SELECT
    month_no,
    CASE
        WHEN joined_age IS NULL OR joined_age < to_age THEN 'others'
        WHEN month_no = -1 AND joined_age <= from_age THEN 'joined in the period'
        ELSE 'members'
    END AS who,
    count(*)::DOUBLE AS known,
    count(*) FILTER (visits > 0)::DOUBLE AS came,
    sum(visits)::DOUBLE AS visits,
    sum(visits * visits)::DOUBLE AS visits_squared,
    sum(paid_minor)::DOUBLE AS paid_minor,
    sum(paid_minor::DOUBLE * paid_minor)::DOUBLE AS paid_squared,
    sum(discount_minor)::DOUBLE AS discount_minor,
    sum(margin_minor)::DOUBLE AS margin_minor,
    sum(margin_minor * margin_minor)::DOUBLE AS margin_squared
FROM each
JOIN months USING (month_no)
JOIN joined USING (customer_no)
GROUP BY month_no, who
ORDER BY month_no, who;
