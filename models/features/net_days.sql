-- item_days with what is left of their money without VAT, at the rate of each product: a family may hold several rates.
-- Reads:  lines (bought.sql), taxes(product_no, vat_bp: the rate of the VAT that prices and what is paid include)
-- Makes:  net_item_days
CREATE VIEW net_item_days AS
SELECT
    customer_no,
    item_no,
    age_days,
    sum(quantity_milli)::BIGINT AS quantity_milli,
    sum(paid_minor)::BIGINT AS paid_minor,
    sum(discount_minor)::BIGINT AS discount_minor,
    sum(paid_minor / (1 + vat_bp / 10000.0)) AS net_paid_minor,
    sum(discount_minor / (1 + vat_bp / 10000.0)) AS net_discount_minor
FROM lines
JOIN taxes USING (product_no)
GROUP BY customer_no, item_no, age_days;
