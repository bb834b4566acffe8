-- Which items are worth scoring for whom, and where each came from (bits of `sources`).
-- Reads:  pairs, fine_pairs (history.sql), scored(customer_no), offerable_items(item_no),
--         popular(item_no, place), popular_in_fine(fine_no, item_no, place),
--         rising(item_no), launched_items(item_no, fine_no), limits(own, family, popular, launched)
WITH own AS (
    SELECT customer_no, item_no
    FROM (
        SELECT
            customer_no,
            item_no,
            row_number() OVER (
                PARTITION BY customer_no
                ORDER BY decayed_42d + decayed_126d DESC, days_since_buy, item_no
            ) AS place
        FROM pairs
        SEMI JOIN scored USING (customer_no)
        SEMI JOIN offerable_items USING (item_no)
    ), limits
    WHERE place <= limits.own
),

-- how many of a family's popular items they bought already
known AS (
    SELECT customer_no, fine_no, count(*) AS items_known
    FROM pairs
    SEMI JOIN scored USING (customer_no)
    JOIN popular_in_fine USING (item_no)
    GROUP BY customer_no, fine_no
),

family AS (
    SELECT customer_no, item_no
    FROM (
        SELECT
            favourite.customer_no,
            popular_in_fine.item_no,
            row_number() OVER (
                PARTITION BY favourite.customer_no
                ORDER BY favourite.decayed_42d / popular_in_fine.place DESC, popular_in_fine.item_no
            ) AS place
        FROM (
            -- no more families than places, among those in which there is anything popular that they never bought
            SELECT customer_no, fine_no, decayed_42d
            FROM fine_pairs
            SEMI JOIN scored USING (customer_no)
            JOIN (SELECT fine_no, count(*) AS items FROM popular_in_fine GROUP BY fine_no) AS family USING (fine_no)
            LEFT JOIN known USING (customer_no, fine_no), limits
            WHERE buys_84d > 0 AND family.items > coalesce(known.items_known, 0)
            QUALIFY row_number() OVER (
                PARTITION BY customer_no ORDER BY decayed_42d DESC, fine_no
            ) <= limits.family
        ) AS favourite
        JOIN popular_in_fine USING (fine_no)
        ANTI JOIN pairs
            ON pairs.customer_no = favourite.customer_no AND pairs.item_no = popular_in_fine.item_no
    ), limits
    WHERE place <= limits.family
),

launched AS (
    SELECT customer_no, item_no
    FROM (
        SELECT
            fine_pairs.customer_no,
            launched_items.item_no,
            row_number() OVER (
                PARTITION BY fine_pairs.customer_no ORDER BY fine_pairs.decayed_42d DESC, launched_items.item_no
            ) AS place
        FROM fine_pairs
        SEMI JOIN scored USING (customer_no)
        JOIN launched_items USING (fine_no)
        ANTI JOIN pairs
            ON pairs.customer_no = fine_pairs.customer_no AND pairs.item_no = launched_items.item_no
        WHERE fine_pairs.buys_84d > 0
    ), limits
    WHERE place <= limits.launched
)

SELECT customer_no, item_no, bit_or(source)::UTINYINT AS sources
FROM (
    SELECT customer_no, item_no, 1 AS source FROM own
    UNION ALL
    SELECT customer_no, item_no, 2 AS source FROM family
    UNION ALL
    SELECT customer_no, item_no, 4 AS source FROM scored CROSS JOIN popular, limits WHERE place <= limits.popular
    UNION ALL
    SELECT customer_no, item_no, 32 AS source FROM scored CROSS JOIN rising
    UNION ALL
    SELECT customer_no, item_no, 64 AS source FROM launched
)
GROUP BY customer_no, item_no
ORDER BY customer_no, item_no;
