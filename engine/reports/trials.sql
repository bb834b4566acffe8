-- Of novelties that a bucket's customers were offered, or would have been: who tried one, and who bought it again.
-- Reads:  standing (models.sources.stored.netting), moment, product_items (models.features.bucket_history),
--         item_ids(item_no, item_id), repeats(within_days),
--         made(customer_no, item_id, served, discount_bp, price_minor, max_units, expected_cost_minor, first_age, last_age)
WITH bought AS (
    SELECT
        customer_no,
        item_no,
        date_diff('day', local_day, as_of_day) AS age_days,
        min(store_id) AS store_id,
        sum(quantity_milli) / 1000.0 AS units,
        sum(paid_minor + discount_minor) * 1000.0 / sum(quantity_milli) AS unit_price_minor
    FROM standing
    CROSS JOIN moment
    JOIN product_items USING (product_no)
    WHERE quantity_milli > 0 AND item_no IS NOT NULL
    GROUP BY customer_no, item_no, age_days
),

-- the same item in several nights is one trial
offered AS (
    SELECT
        customer_no,
        item_no,
        bool_or(served) AS served,
        max(first_age) AS first_age,
        min(last_age) AS last_age,
        max(discount_bp) AS discount_bp,
        max(max_units) AS max_units,
        max(price_minor) AS price_minor,
        sum(expected_cost_minor) AS expected_cost_minor
    FROM made
    JOIN item_ids USING (item_id)
    GROUP BY customer_no, item_no
),

new_to_them AS (
    SELECT offered.*
    FROM offered
    WHERE NOT EXISTS (
        FROM bought
        WHERE bought.customer_no = offered.customer_no
            AND bought.item_no = offered.item_no
            AND bought.age_days > offered.first_age
    )
),

tried AS (
    SELECT
        customer_no,
        item_no,
        max(age_days) AS tried_age,
        arg_max(store_id, age_days) AS store_id,
        least(sum(units), any_value(max_units)) * coalesce(any_value(price_minor), avg(unit_price_minor))
            * any_value(discount_bp) / 10000.0 AS discount_minor
    FROM new_to_them
    JOIN bought USING (customer_no, item_no)
    WHERE age_days BETWEEN last_age AND first_age
    GROUP BY customer_no, item_no
),

again AS (
    SELECT DISTINCT customer_no, item_no
    FROM tried
    CROSS JOIN repeats
    JOIN bought USING (customer_no, item_no)
    WHERE age_days < tried_age AND age_days >= tried_age - within_days
)

SELECT
    served,
    item_no,
    store_id,
    count(*)::DOUBLE AS offers,
    count(tried_age)::DOUBLE AS tried,
    count(*) FILTER (tried_age > within_days)::DOUBLE AS followed,
    count(*) FILTER (tried_age > within_days AND again.item_no IS NOT NULL)::DOUBLE AS again,
    coalesce(sum(discount_minor), 0)::DOUBLE AS discount_minor,
    sum(expected_cost_minor)::DOUBLE AS expected_cost_minor
FROM new_to_them
CROSS JOIN repeats
LEFT JOIN tried USING (customer_no, item_no)
LEFT JOIN again USING (customer_no, item_no)
GROUP BY served, item_no, store_id
ORDER BY served, item_no, store_id;
