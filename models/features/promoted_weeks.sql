-- What is promoted for everybody around a moment, by item and store: days of the week that begins on its day, of the week
-- before it, and of the eight weeks before it. Of the future only that week is read, and of a promotion only its days
-- before the week's end: as much as any retailer has planned and printed by then, and nothing that came after.
-- Reads:  near(product_no, store_id, starts_on, ends_on, price_minor, discount_minor, mailer, display: the promotions that
--         touch these weeks), stores(store_id, store_no), product_items(product_no, item_no),
--         item_prices(item_no, unit_minor: null for families, products: how many the item has), moment(as_of_day)
WITH known AS (
    SELECT
        product.item_no,
        coalesce(store_no, -1) AS store_no,
        mailer,
        display,
        greatest(0, least(ends_on + 1, as_of_day + 7) - greatest(starts_on, as_of_day))::INTEGER AS days_now,
        greatest(0, least(ends_on + 1, as_of_day) - greatest(starts_on, as_of_day - 7))::INTEGER AS days_last,
        greatest(0, least(ends_on + 1, as_of_day) - greatest(starts_on, as_of_day - 56))::INTEGER AS days_before,
        -- A row that tells no price takes nothing off; least() would pass over what it does not tell.
        CASE
            WHEN unit_minor > 0
                THEN greatest(0, least(unit_minor, coalesce(unit_minor - price_minor, discount_minor, 0)))
            ELSE 0
        END::INTEGER AS off_minor,
        CASE WHEN off_minor > 0 THEN least(10000, 10000 * off_minor::BIGINT // unit_minor) ELSE 0 END::INTEGER AS off_bp,
        products,
        greatest(starts_on, as_of_day) - as_of_day AS first_ahead
    FROM near AS promotion
    CROSS JOIN moment
    JOIN product_items AS product USING (product_no)
    LEFT JOIN stores USING (store_id)
    JOIN item_prices USING (item_no)
    WHERE product.item_no IS NOT NULL
),

-- What a unit is cheaper by on each day of the week: of several rows of one day the best price is what people pay.
cheaper_days AS (
    SELECT item_no, store_no, day_ahead, max(off_minor) AS off_minor
    FROM (
        SELECT item_no, store_no, off_minor, unnest(range(first_ahead, first_ahead + days_now)) AS day_ahead
        FROM known WHERE off_minor > 0 AND days_now > 0
    )
    GROUP BY ALL
),

cheaper AS (
    SELECT item_no, store_no, sum(off_minor) // count(*) AS planned_off_minor
    FROM cheaper_days GROUP BY ALL HAVING count(*) >= 4
)

-- A product has no more days than a week, however many rows it has on one of them. Sorted for the file of a night's folder.
SELECT
    item_no::INTEGER AS item_no,
    store_no,
    least(7 * any_value(products), coalesce(sum(days_now) FILTER (display), 0))::INTEGER AS display_now,
    least(7 * any_value(products), coalesce(sum(days_now) FILTER (mailer), 0))::INTEGER AS mailer_now,
    least(70000, coalesce(sum(days_now * off_bp) FILTER (off_bp > 0), 0))::INTEGER AS off_now,
    least(7 * any_value(products), coalesce(sum(days_last) FILTER (display), 0))::INTEGER AS display_last,
    least(7 * any_value(products), coalesce(sum(days_last) FILTER (mailer), 0))::INTEGER AS mailer_last,
    least(56 * any_value(products), coalesce(sum(days_before) FILTER (display), 0))::INTEGER AS display_before,
    least(56 * any_value(products), coalesce(sum(days_before) FILTER (mailer), 0))::INTEGER AS mailer_before,
    least(560000, coalesce(sum(days_before * off_bp) FILTER (off_bp > 0), 0))::INTEGER AS off_before,
    -- what a unit is cheaper by on most days of the week, for everybody
    coalesce(any_value(cheaper.planned_off_minor), 0)::INTEGER AS planned_off_minor,
    max(days_now) > 0 AS planned
FROM known
LEFT JOIN cheaper USING (item_no, store_no)
GROUP BY item_no, store_no
ORDER BY store_no, item_no;
