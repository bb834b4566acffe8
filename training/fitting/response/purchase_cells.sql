-- Purchases as counts a week. Reads `bought(customer, product, family, day, units, list_minor, off_minor, margin_minor)`,
-- one row a line, and `setting(first_week, block_weeks)`; days count from 0, those before the first week are negative.

-- One row for a customer's day with a product.
CREATE TEMP TABLE product_days AS
SELECT customer, product, any_value(family) AS family, floor(day / 7.0)::INTEGER AS week, -- days before day 0 are in the training window, too
    -- blocks of weeks in which nobody's familiarity changes; -1 is the training window before them
    CASE WHEN day < 7 * first_week THEN -1 ELSE (day - 7 * first_week) // (7 * block_weeks) END AS block,
    row_number() OVER (PARTITION BY customer, product ORDER BY day) AS nth,
    sum(units) AS units,
    sum(list_minor) AS list_minor,
    sum(off_minor) AS off_minor,
    sum(margin_minor) AS margin_minor
FROM bought CROSS JOIN setting
GROUP BY customer, product, day, first_week, block_weeks;

-- Days bought before the block began: frozen there, because a rate that moves with purchases hides what they were due to.
CREATE TEMP VIEW known_days AS
SELECT *, CASE WHEN block < 0 THEN 0 ELSE min(nth) OVER (PARTITION BY customer, product, block) - 1 END AS bought_before
FROM product_days;
