-- What a bucket's customers bought and kept before `as_of`, and nothing else: every later statement reads these
-- tables and never stored purchases. Days are local days; age_days counts them back from the day of `as_of`.
-- Reads:  standing (the bucket's purchases before as_of, less what was returned before it, as made by
--         models.sources.stored.netting), product_items(product_no, item_no), moment(as_of, as_of_day)
-- Makes:  lines, item_days

CREATE VIEW lines AS
SELECT
    purchase.customer_no,
    purchase.purchased_at,
    product.product_no,
    product.item_no,
    date_diff('day', purchase.local_day, moment.as_of_day)::INTEGER AS age_days,
    purchase.quantity_milli,
    purchase.paid_minor,
    purchase.discount_minor
FROM standing AS purchase
CROSS JOIN moment
JOIN product_items AS product USING (product_no);

-- one row a customer, item and day; products that are no item keep a row a day, because they make a visit
CREATE TABLE item_days AS
SELECT
    customer_no,
    item_no,
    age_days,
    sum(quantity_milli)::BIGINT AS quantity_milli,
    sum(paid_minor)::BIGINT AS paid_minor,
    sum(discount_minor)::BIGINT AS discount_minor
FROM lines
GROUP BY customer_no, item_no, age_days;
