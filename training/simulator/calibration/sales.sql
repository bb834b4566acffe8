-- A year of sales as calibration looks at it. `sales` (training/simulator/sales.py) is registered before.

-- A visit is a household's day with a purchase, and its products are what it held.
CREATE TEMP TABLE baskets AS
SELECT customer, day, day // 7 AS week, product FROM sales GROUP BY ALL;

CREATE TEMP TABLE visits AS
SELECT customer, day, count(*) AS products FROM baskets GROUP BY ALL;

-- The chain's price of a product in a week: the median line's discount over its shelf price, so that neither a few
-- stores without the promotion nor a personal coupon move it.
CREATE TEMP TABLE product_weeks AS
SELECT
    product,
    any_value(family) AS family,
    day // 7 AS week,
    count(*) AS lines,
    sum(quantity_milli) / 1000.0 AS units,
    median(discount_minor / (paid_minor + discount_minor)) AS depth
FROM sales
WHERE paid_minor + discount_minor > 0
GROUP BY product, week;

-- Products on sale nearly all year: of the others a week without sales would say nothing about its price.
CREATE TEMP TABLE steady_products AS
SELECT product, any_value(family) AS family, sum(lines) AS lines
FROM product_weeks
GROUP BY product
HAVING count(*) >= 45;
