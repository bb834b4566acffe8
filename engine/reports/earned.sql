-- What stands of a bucket's purchases, with the margin that each day of an item left: at cost, or by the assumed margin.
-- Reads:  net_item_days (models.features.bucket_history), margins(item_no, cost_minor, assumed_bp),
--         counted(default_assumed_bp)
CREATE TEMP VIEW earned AS
SELECT
    net_item_days.customer_no,
    net_item_days.item_no,
    age_days,
    paid_minor,
    discount_minor,
    net_paid_minor - coalesce(
        cost_minor * quantity_milli / 1000.0,
        (net_paid_minor + net_discount_minor) * (1 - coalesce(assumed_bp, default_assumed_bp) / 10000.0)
    ) AS margin_minor
FROM net_item_days
CROSS JOIN counted
LEFT JOIN margins USING (item_no)
WHERE quantity_milli > 0;
