"""Lines that are nobody's: sold without a card, or under an id that many people share (-1, a till's or a shop's card).

They are counted apart, lie in no bucket and are no bad rows. An id is no customer where tables.toml says so, where a
former load found it, or where it has far more receipts than a person: at least `RECEIPTS`, `MANY` times as many as three
quarters of the customers have at most, and on the days on which it bought either `SURELY` times as many a day as these, and
never less than `SURELY`, or `TIMES` as many together with `SHARE` of all that customers bought. Or, with `RECEIPTS` of them,
where on the days on which it bought it did so in `STORES` times as many stores a day as three quarters of the customers, and never
less than `STORES`: nobody goes to two branches every day, a card that is handed round does. A large household has two or
three receipts a day (the four busiest of Complete Journey's 2,469 have 2.4 to 2.8), and a fraction of a percent of a shop. What a delivery is added to counts with it, so that the same ids are
found however the lines came; what was found once stays found.
"""

from models.ground.errors import BadInput
from models.sources.loading.business_day import STORE
from models.sources.loading.delivery import stored_lines
from models.sources.loading.load_under_way import LoadUnderWay

RECEIPTS = 30
CARDLESS = 1_000  # lines
TIMES = 2
SURELY = 4
SHARE = 0.05
MANY = 4
STORES = 2
# Three quarters are told from so many customers, and so many of the busiest ids are looked at.
SAMPLE = 5_000
BUSIEST = 1_000
NAMED = 10


def set_nobody_aside(shop: LoadUnderWay) -> None:
    """Make `nobodies` (customer_id, person, receipts, days, lines) and take them out of `lines` and `people`.

    Called after `gather_lines`. Raises BadInput where no line names a customer.
    """
    con = shop.con
    con.execute(
        "CREATE TABLE cardless AS SELECT count(*) AS lines FROM lines WHERE person IS NULL AND bad IS NULL"
    )
    named = shop.count("SELECT count(*) FROM lines WHERE person IS NOT NULL")
    # A store's day without a card is one; a load, or a delivery this large, without any has lost its column.
    if not named and lines_without_card(shop) > (CARDLESS if shop.former else 0):
        column = shop.declaration.vocabulary.of("purchases").columns.get("customer_id", "customer_id")
        raise BadInput(
            f"{shop.sources['purchases'].place}: column {column} is empty in every line that can be read"
            f" ({lines_without_card(shop):,}); name the column of the customers in tables.toml under [purchases.columns]."
        )
    known = {*shop.declaration.no_customers, *(shop.former.no_customers() if shop.former else ())}
    real = list(shop.declaration.real_customers)
    con.execute(
        "CREATE TEMP TABLE told AS SELECT unnest(?::VARCHAR[]) AS customer_id", [sorted(known - set(real))]
    )
    con.execute("CREATE TEMP TABLE real AS SELECT unnest(?::VARCHAR[]) AS customer_id", [real])
    _count_visits(shop)
    con.execute(f"""CREATE TABLE nobodies AS
        WITH usual AS (SELECT quantile_disc(receipts, 0.75) AS receipts, quantile_cont(receipts / days, 0.75) AS a_day,
                              quantile_cont(stores / days, 0.75) AS stores_a_day
                       FROM visits WHERE sampled)
        SELECT customer_id, person, visits.receipts, days, 0 AS lines
        FROM people LEFT JOIN visits USING (person), usual
        WHERE customer_id IN (FROM told) OR (customer_id NOT IN (FROM real)
            AND ((visits.receipts >= greatest({RECEIPTS}, {MANY} * usual.receipts)
                  AND (visits.receipts / days >= {SURELY} * greatest(1, a_day)
                       OR (visits.receipts / days >= {TIMES} * greatest(1, a_day)
                           AND bought >= {SHARE * _bought(shop)})))
                 OR (visits.receipts >= {RECEIPTS} AND stores / days >= {STORES} * greatest(1, stores_a_day))))""")
    con.execute("""UPDATE nobodies SET lines = found.lines FROM (
        SELECT person, count(*) AS lines FROM lines GROUP BY 1) AS found WHERE found.person = nobodies.person""")
    con.execute(
        "INSERT INTO nobodies SELECT customer_id, NULL, NULL, NULL, 0 FROM told"
        " WHERE customer_id NOT IN (SELECT customer_id FROM nobodies)"
    )
    if shop.count("SELECT count(person) FROM nobodies"):
        con.execute("UPDATE lines SET person = NULL WHERE person IN (SELECT person FROM nobodies)")
        for table in ("buyers", "people"):
            con.execute(f"DELETE FROM {table} WHERE person IN (SELECT person FROM nobodies)")


def lines_without_card(shop: LoadUnderWay) -> int:
    """Lines of this load that name no customer and are good otherwise."""
    return shop.count("SELECT lines FROM cardless")


def no_customers(shop: LoadUnderWay) -> tuple[str, ...]:
    """Ids that are no customer, of this load and of the one that it is added to."""
    former = shop.former.no_customers() if shop.former else ()
    found = shop.con.execute("SELECT customer_id FROM nobodies WHERE lines > 0 OR receipts > 0").fetchall()
    return tuple(sorted({*(name for (name,) in found), *former} - set(shop.declaration.real_customers)))


def about_nobody(shop: LoadUnderWay) -> list[str]:
    """Sentences on what was sold without a card and under ids that are no customer."""
    lines = shop.count("SELECT count(*) FROM lines")
    said = []
    if cardless := lines_without_card(shop):
        said.append(
            f"{cardless:,} of {lines:,} lines of purchases ({cardless / lines:.1%}) name no customer: sales without a card."
            " They are nobody's history and no bad rows."
        )
    found = shop.con.execute("""SELECT customer_id, receipts, days, lines FROM nobodies
        WHERE lines > 0 OR receipts > 0 ORDER BY lines DESC, customer_id""").fetchall()
    if not found:
        return said
    declared = set(shop.declaration.no_customers)
    names = [
        f"{name!r} ({count:,} {'line' if count == 1 else 'lines'}, {count / lines:.1%}"
        + ("" if name in declared or not receipts else f"; {receipts:,} receipts on {days:,} days")
        + ")"
        for name, receipts, days, count in found[:NAMED]
    ]
    names += [f"and {len(found) - NAMED:,} more"] if len(found) > NAMED else []
    several = len(found) > 1
    said.append(
        f"{'These ids are' if several else 'This id is'} no customer: {', '.join(names)}. What is sold under"
        f" {'them' if several else 'it'} is counted here, is nobody's history, and nobody gets offers for it."
    )
    if {name for name, *_ in found} - declared:
        said.append(
            "An id that has far more receipts a day than a person, or buys in more stores a day, is shared by many; declare it in no_customers of"
            " tables.toml, or in real_customers if it is a customer, and load everything anew."
        )
    return said


def _bought(shop: LoadUnderWay) -> int:
    """Lines that customers bought, of this load and of the one that it is added to."""
    stored = shop.former.lines if shop.former else 0
    return stored + shop.count("SELECT count(*) FROM lines WHERE person IS NOT NULL AND quantity_milli > 0")


def _count_visits(shop: LoadUnderWay) -> None:
    """Make `visits`: person, receipts, days, and whether they are of the sample of all customers."""
    con = shop.con
    step = max(1, shop.count("SELECT count(*) FROM people") // SAMPLE)
    # A stored id that gets more is looked at where the delivery alone shows two receipts of it.
    busy = (
        "count(DISTINCT basket_id) > 1"
        if shop.former
        else f"count(*) >= greatest({RECEIPTS}, (SELECT {TIMES} * quantile_disc(lines, 0.75) FROM counted))"
    )
    con.execute(
        "CREATE TEMP TABLE counted AS SELECT person, count(*) AS lines FROM lines WHERE person IS NOT NULL GROUP BY 1"
    )
    con.execute(f"""CREATE TEMP TABLE looked_at AS
        SELECT person, bool_or(sampled) AS sampled FROM (
            SELECT person, true AS sampled FROM people WHERE person % {step} = 0 UNION ALL
            (SELECT person, false FROM lines WHERE person IS NOT NULL GROUP BY 1 HAVING {busy}
             ORDER BY count(*) DESC, person LIMIT {BUSIEST})) GROUP BY 1""")
    columns = f"person, {STORE} AS store, basket_id, CAST(purchased_at AS DATE) AS day"
    bought = f"""SELECT {columns} FROM lines
        WHERE person IN (SELECT person FROM looked_at) AND quantity_milli > 0"""
    if former := shop.former:
        stored = stored_lines(
            former,
            [former.purchases(bucket) for bucket in range(former.buckets)],
            [former.customers(bucket) for bucket in range(former.buckets)],
            "person IN (SELECT person FROM looked_at)",
            "false",
        )
        bought += f" UNION ALL SELECT {columns} FROM ({stored}) WHERE quantity_milli > 0"
    con.execute(f"""CREATE TEMP TABLE visits AS
        SELECT person, sampled, count(DISTINCT (store, day, basket_id)) AS receipts, count(DISTINCT day) AS days,
            count(DISTINCT (store, day)) AS stores,
            count(*) AS bought
        FROM ({bought}) JOIN looked_at USING (person) GROUP BY ALL""")
