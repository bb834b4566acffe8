-- What another engine's offers took off, by the shop's own receipts: lines of an offered product bought while its offer ran,
-- with a discount on them. No more than the offer's share of the full price counts: the rest is a promotion for everybody.
-- Reads:  lines (models.features.bucket_history), period(starts, ends),
--         made(customer_no, product_no, discount_bp, valid_from, valid_to, used): used is null where nobody told
WITH offered AS (
    SELECT
        lines.customer_no,
        lines.product_no,
        lines.purchased_at,
        max(made.discount_bp) AS discount_bp,
        bool_or(coalesce(made.used, false)) AS is_told
    FROM made
    JOIN lines
        ON lines.customer_no = made.customer_no
        AND lines.product_no = made.product_no
        AND lines.purchased_at >= made.valid_from
        AND lines.purchased_at < made.valid_to
    CROSS JOIN period
    WHERE coalesce(made.used, true)
        AND lines.quantity_milli > 0
        AND lines.purchased_at >= period.starts
        AND lines.purchased_at < period.ends
    GROUP BY lines.customer_no, lines.product_no, lines.purchased_at
),

taken AS (
    SELECT
        customer_no,
        purchased_at,
        CASE
            WHEN sum(discount_minor) > 0
                THEN least(sum(discount_minor), sum(paid_minor + discount_minor) * any_value(discount_bp) / 10000.0)
            -- the till took it off without writing it down
            WHEN any_value(is_told) AND any_value(discount_bp) < 10000
                THEN sum(paid_minor) * any_value(discount_bp) / (10000.0 - any_value(discount_bp))
        END AS discount_minor
    FROM offered
    JOIN lines USING (customer_no, product_no, purchased_at)
    WHERE quantity_milli > 0
    GROUP BY customer_no, product_no, purchased_at
)

SELECT
    customer_no,
    count(DISTINCT purchased_at) AS baskets,
    sum(discount_minor)::DOUBLE AS discount_minor
FROM taken
WHERE discount_minor IS NOT NULL
GROUP BY customer_no
ORDER BY customer_no;
