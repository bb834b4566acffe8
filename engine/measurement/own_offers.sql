-- What the discount of each customer's own offers is worth on what they bought while these ran, served or only made for
-- them: a unit weighs the discount on it, up to the most units of an offer.
-- Reads:  item_days (models.features.bucket_history), item_ids(item_no, item_id),
--         made(customer_no, item_id, discount_bp, price_minor, max_units, first_age, last_age, is_first_week)
WITH bought AS (
    SELECT
        made.offer_no,
        any_value(made.customer_no) AS customer_no,
        any_value(made.is_first_week) AS is_first_week,
        any_value(made.discount_bp) AS discount_bp,
        any_value(made.max_units) AS max_units,
        sum(quantity_milli) / 1000.0 AS units,
        coalesce(any_value(made.price_minor), sum(paid_minor + discount_minor) * 1000.0 / sum(quantity_milli)) AS price_minor
    FROM made
    JOIN item_ids USING (item_id)
    JOIN item_days
        ON item_days.customer_no = made.customer_no
        AND item_days.item_no = item_ids.item_no
        AND item_days.age_days BETWEEN made.last_age AND made.first_age
    WHERE quantity_milli > 0
    GROUP BY made.offer_no
)

SELECT
    customer_no,
    is_first_week,
    sum(least(units, max_units) * price_minor * discount_bp / 10000.0) AS discount_minor
FROM bought
GROUP BY customer_no, is_first_week
ORDER BY customer_no, is_first_week;
