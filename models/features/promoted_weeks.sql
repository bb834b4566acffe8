-- What is promoted for everybody around a moment, by item and store: days of the week that begins on its day, of the week
-- before it, and of the eight weeks before it. Of the future only that week is read, and of a promotion only its days
-- before the week's end: as much as any retailer has planned and printed by then, and nothing that came after.
-- Reads:  promotions(product_no, store_id, starts_on, ends_on, price_minor, discount_minor, mailer, display: those that
--         touch these weeks), product_items(product_no, item_no), item_prices(item_no, unit_minor), moment(as_of_day)
WITH known AS (
    SELECT
        product.item_no,
        promotion.product_no,
        promotion.store_id,
        promotion.mailer::INTEGER AS mailer,
        promotion.display::INTEGER AS display,
        greatest(0, least(ends_on + 1, as_of_day + 7) - greatest(starts_on, as_of_day)) AS days_now,
        greatest(0, least(ends_on + 1, as_of_day) - greatest(starts_on, as_of_day - 7)) AS days_last,
        greatest(0, least(ends_on + 1, as_of_day) - greatest(starts_on, as_of_day - 56)) AS days_before,
        coalesce(greatest(0, coalesce(unit_minor - promotion.price_minor, discount_minor)), 0)::BIGINT AS off_minor,
        CASE WHEN unit_minor > 0 THEN least(10000, 10000 * off_minor // unit_minor) ELSE 0 END::BIGINT AS off_bp
    FROM promotions AS promotion
    CROSS JOIN moment
    JOIN product_items AS product USING (product_no)
    LEFT JOIN item_prices USING (item_no)
    WHERE product.item_no IS NOT NULL AND starts_on < as_of_day + 7 AND ends_on >= as_of_day - 56
),

-- two rows of one day count once
products AS (
    SELECT
        item_no,
        store_id,
        least(7, sum(days_now * display)) AS display_now,
        least(7, sum(days_now * mailer)) AS mailer_now,
        least(70000, sum(days_now * off_bp)) AS off_now,
        least(7, sum(days_last * display)) AS display_last,
        least(7, sum(days_last * mailer)) AS mailer_last,
        least(56, sum(days_before * display)) AS display_before,
        least(56, sum(days_before * mailer)) AS mailer_before,
        least(560000, sum(days_before * off_bp)) AS off_before,
        sum(days_now) AS days_now,
        sum(days_now) FILTER (off_minor > 0) AS days_off,
        sum(days_now * off_minor) AS off_minor_days
    FROM known
    GROUP BY item_no, product_no, store_id
)

SELECT
    item_no::INTEGER AS item_no,
    store_id,
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
GROUP BY item_no, store_id
ORDER BY store_id, item_no;
