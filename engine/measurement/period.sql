-- What each customer of a bucket did in the period of `days` before `as_of`, and in the one before it.
-- Reads:  earned (models.features), item_families(item_no, fine_no), period(days, active_days)
WITH dated AS (
    SELECT
        earned.*,
        item_families.fine_no,
        age_days BETWEEN 1 AND days AS inside,
        age_days BETWEEN days + 1 AND 2 * days AS before,
        age_days BETWEEN days + 1 AND days + active_days AS at_start,
        age_days BETWEEN 1 AND active_days AS at_end
    FROM earned
    CROSS JOIN period
    LEFT JOIN item_families USING (item_no)
),

-- what a unit of a family cost the customer before discounts, in this period and in the one before
prices AS (
    SELECT
        customer_no,
        sum(quantity_milli) FILTER (inside) AS quantity_milli,
        sum(paid_minor + discount_minor) FILTER (inside) / nullif(sum(quantity_milli) FILTER (inside), 0) AS price,
        sum(paid_minor + discount_minor) FILTER (before) / nullif(sum(quantity_milli) FILTER (before), 0) AS price_before
    FROM dated
    WHERE fine_no >= 0 AND (inside OR before)
    GROUP BY customer_no, fine_no
),

dearer AS (
    SELECT customer_no, sum(quantity_milli * price) / nullif(sum(quantity_milli * price_before), 0) AS dearness
    FROM prices
    WHERE price IS NOT NULL AND price_before IS NOT NULL
    GROUP BY customer_no
),

people AS (
    SELECT
        customer_no,
        bool_or(at_start) AS at_start,
        bool_or(at_end) AS at_end,
        count(DISTINCT age_days) FILTER (inside) AS visits,
        coalesce(sum(paid_minor) FILTER (inside), 0) AS paid_minor,
        coalesce(sum(margin_minor) FILTER (inside), 0) AS margin_minor,
        count(DISTINCT fine_no) FILTER (inside AND fine_no >= 0) AS families
    FROM dated
    GROUP BY customer_no
)

SELECT people.*, dearer.dearness
FROM people
LEFT JOIN dearer USING (customer_no)
ORDER BY customer_no;
