-- What is promoted for everybody around a moment, by item and store: days of the week that begins on its day, of the week
-- before it, and of the eight weeks before it. Of the future only that week is read, and of a promotion only its days
-- before the week's end: as much as any retailer has planned and printed by then, and nothing that came after.
-- Reads:  near(product_no, store_id, starts_on, ends_on, price_minor, discount_minor, mailer, display: the promotions that
--         touch these weeks), stores(store_id, store_no), product_items(product_no, item_no),
--         item_prices(item_no, unit_minor), moment(as_of_day)
WITH known AS (
    SELECT
        product.item_no,
        promotion.product_no,
        coalesce(store_no, -1) AS store_no,
        mailer,
        display,
        greatest(0, least(ends_on + 1, as_of_day + 7) - greatest(starts_on, as_of_day))::INTEGER AS days_now,
        greatest(0, least(ends_on + 1, as_of_day) - greatest(starts_on, as_of_day - 7))::INTEGER AS days_last,
        greatest(0, least(ends_on + 1, as_of_day) - greatest(starts_on, as_of_day - 56))::INTEGER AS days_before,
        coalesce(greatest(0, coalesce(unit_minor - price_minor, discount_minor)), 0)::INTEGER AS off_minor,
        CASE WHEN unit_minor > 0 THEN least(10000, 10000 * off_minor // unit_minor) ELSE 0 END::INTEGER AS off_bp
    FROM near AS promotion
    CROSS JOIN moment
    JOIN product_items AS product USING (product_no)
    LEFT JOIN stores USING (store_id)
    LEFT JOIN item_prices USING (item_no)
    WHERE product.item_no IS NOT NULL
),

-- two rows of one day count once
products AS (
    SELECT
        item_no,
        store_no,
        least(7, coalesce(sum(days_now) FILTER (display), 0)) AS display_now,
        least(7, coalesce(sum(days_now) FILTER (mailer), 0)) AS mailer_now,
        least(70000, coalesce(sum(days_now * off_bp) FILTER (off_bp > 0), 0)) AS off_now,
        least(7, coalesce(sum(days_last) FILTER (display), 0)) AS display_last,
        least(7, coalesce(sum(days_last) FILTER (mailer), 0)) AS mailer_last,
        least(56, coalesce(sum(days_before) FILTER (display), 0)) AS display_before,
        least(56, coalesce(sum(days_before) FILTER (mailer), 0)) AS mailer_before,
        least(560000, coalesce(sum(days_before * off_bp) FILTER (off_bp > 0), 0)) AS off_before,
        max(days_now) AS days_now,
        sum(days_now) FILTER (off_minor > 0) AS days_off,
        sum(days_now * off_minor::BIGINT) FILTER (off_minor > 0) AS off_minor_days
    FROM known
    GROUP BY item_no, product_no, store_no
)

SELECT
    item_no::INTEGER AS item_no,
    store_no,
    sum(display_now)::INTEGER AS display_now,
    sum(mailer_now)::INTEGER AS mailer_now,
    sum(off_now)::INTEGER AS off_now,
    sum(display_last)::INTEGER AS display_last,
    sum(mailer_last)::INTEGER AS mailer_last,
    sum(display_before)::INTEGER AS display_before,
    sum(mailer_before)::INTEGER AS mailer_before,
    sum(off_before)::INTEGER AS off_before,
    -- what a unit is cheaper by on most days of the week, for everybody
    max(CASE WHEN days_off >= 4 THEN off_minor_days // days_off ELSE 0 END)::INTEGER AS planned_off_minor,
    bool_or(days_now > 0) AS planned
FROM products
GROUP BY item_no, store_no
ORDER BY store_no, item_no;
