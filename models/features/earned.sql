-- What a bucket's customers bought and kept, with what each day of an item left the shop: without VAT where the shop declares
-- it, at cost; without a cost the assumed margin is on the undiscounted price, and every discount comes out of it.
-- Reads:  net_item_days (bucket_history.py), margins(item_no, cost_minor, assumed_bp), assumed_margin(default_assumed_bp)
-- Makes:  earned
CREATE TEMP VIEW earned AS
SELECT
    net_item_days.*,
    cost_minor IS NOT NULL AS cost_known,
    net_paid_minor - coalesce(
        cost_minor * quantity_milli / 1000.0,
        (net_paid_minor + net_discount_minor) * (1 - coalesce(assumed_bp, default_assumed_bp) / 10000.0)
    ) AS margin_minor
FROM net_item_days
CROSS JOIN assumed_margin
LEFT JOIN margins USING (item_no);
