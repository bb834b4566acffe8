-- What each customer of a bucket bought in the period: from families that they had bought before, and from others.
-- Reads:  earned (models.features), item_families(item_no, fine_no), counted(days)
-- Rows:   customers who had bought before the period, whether they came in it or not
WITH of_families AS (
    SELECT customer_no, fine_no, age_days, age_days <= days AS inside, paid_minor, margin_minor
    FROM earned
    CROSS JOIN counted
    LEFT JOIN item_families USING (item_no)
),

families AS (
    SELECT
        customer_no,
        bool_or(NOT inside) AS known_before,
        fine_no IS NOT NULL AND fine_no >= 0 AND NOT bool_or(NOT inside) AS is_new,
        coalesce(sum(paid_minor) FILTER (inside), 0) AS paid_minor,
        coalesce(sum(margin_minor) FILTER (inside), 0) AS margin_minor
    FROM of_families
    GROUP BY customer_no, fine_no
),

visits AS (
    SELECT customer_no, count(DISTINCT age_days) AS visits FROM of_families WHERE inside GROUP BY customer_no
)

SELECT
    customer_no,
    coalesce(any_value(visits), 0)::DOUBLE AS visits,
    count(*) FILTER (is_new)::DOUBLE AS new_families,
    coalesce(sum(paid_minor) FILTER (is_new), 0)::DOUBLE AS new_paid_minor,
    sum(paid_minor)::DOUBLE AS paid_minor,
    sum(margin_minor)::DOUBLE AS margin_minor
FROM families
LEFT JOIN visits USING (customer_no)
GROUP BY customer_no
HAVING bool_or(known_before)
ORDER BY customer_no;
