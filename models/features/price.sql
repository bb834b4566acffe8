-- The last undiscounted unit price of every item in one bucket, and when it was paid; the shop's price is
-- the one paid last over all buckets. Among lines of the same moment the highest price counts.
-- Reads:  lines (bought.sql)
SELECT
    item_no,
    max(priced_at_us) AS priced_at_us,
    max_by(unit_price_minor, priced_at_us::HUGEINT * 1_000_000_000_000 + unit_price_minor) AS price_minor
FROM (
    SELECT
        item_no,
        epoch_us(purchased_at) AS priced_at_us,
        round(paid_minor * 1000.0 / quantity_milli)::BIGINT AS unit_price_minor
    FROM lines
    WHERE discount_minor = 0 AND paid_minor > 0 AND item_no IS NOT NULL
)
GROUP BY item_no
ORDER BY item_no;
