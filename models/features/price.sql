-- The undiscounted unit prices that were paid last for every item in one bucket, and when: among lines of the same moment
-- the highest price counts as the last. Which of them is the shop's price, all buckets together decide.
-- Reads:  lines (bought.sql); $newest, how many prices an item keeps
SELECT item_no, priced_at_us, price_minor
FROM (
    SELECT
        item_no,
        epoch_us(purchased_at) AS priced_at_us,
        round(paid_minor * 1000.0 / quantity_milli)::BIGINT AS price_minor
    FROM lines
    WHERE discount_minor = 0 AND paid_minor > 0 AND item_no IS NOT NULL
)
QUALIFY row_number() OVER (PARTITION BY item_no ORDER BY priced_at_us DESC, price_minor DESC) <= $newest
ORDER BY item_no, priced_at_us, price_minor;
