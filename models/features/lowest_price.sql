-- What one bucket's customers paid for a unit of each item in the 30 days before `as_of`, in blocks of six days: how many
-- bought it, how many of them with a discount, and the lowest price of either. Which discounts everybody had, all
-- buckets together decide.
-- Reads:  lines (bought.sql)
SELECT
    item_no,
    greatest(age_days - 1, 0) // 6 AS block,
    count(DISTINCT customer_no) AS buyers,
    count(DISTINCT customer_no) FILTER (discount_minor > 0) AS reduced_buyers,
    min(unit_minor) FILTER (discount_minor = 0) AS full_minor,
    min(unit_minor) FILTER (discount_minor > 0) AS reduced_minor
FROM (
    SELECT *, round(paid_minor * 1000.0 / quantity_milli)::BIGINT AS unit_minor
    FROM lines
    WHERE age_days <= 30 AND paid_minor > 0 AND quantity_milli > 0 AND item_no IS NOT NULL
)
GROUP BY item_no, block
ORDER BY item_no, block;
