"""What suppliers pay of discounts: judged, joined with the agreements stored before, written as fundings.parquet.

A row is an agreement's part of the discounts on a product, or on every product of a family, from its first day to its last.
In a delivery an agreement is replaced whole: all its stored rows go where a delivered one bears its funder and its name.
Where `[fundings] complete = true` the delivered table is all there is.
"""

from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.reading.typed_columns import raw_row, typed_select
from models.tables import FAMILY_LEVELS, FUNDINGS, STORED_FUNDINGS
from models.tables.row_checks import CHECKS, first_reason

_NAMES = ", ".join(STORED_FUNDINGS.names)
_OF_ONE = "(funder, agreement)"


def keep_fundings(shop: LoadUnderWay) -> None:
    """Write fundings.parquet where the shop gave fundings, now or before; called when `shelf` is made.

    Leaves `good_fundings`, what came, and `all_fundings`, what is stored now.
    """
    before = shop.former.fundings if shop.former else None
    delivered = FUNDINGS.name in shop.sources
    if not delivered and before is None:
        return
    parts = []
    if delivered:
        _judge(shop)
        parts.append(f"SELECT {_NAMES} FROM good_fundings")
    if before and not (delivered and shop.declaration.vocabulary.of(FUNDINGS.name).complete):
        stays = f"{_OF_ONE} NOT IN (SELECT {_OF_ONE} FROM good_fundings)" if delivered else "true"
        parts.append(f"SELECT {_NAMES} FROM read_parquet({quoted(str(before))}) WHERE {stays}")
    target = quoted(str(shop.folder / STORED_FUNDINGS.name))
    rows = " UNION ALL ".join(parts)
    shop.con.execute(f"COPY (FROM ({rows}) ORDER BY {_NAMES}) TO {target} (FORMAT parquet)")
    shop.con.execute(f"CREATE VIEW all_fundings AS FROM read_parquet({target})")


def _judge(shop: LoadUnderWay) -> None:
    """Put bad rows into the quarantine; the others are `good_fundings`."""
    source = shop.sources[FUNDINGS.name]
    families = " UNION ALL ".join(
        f"SELECT {level} FROM shelf WHERE {level} IS NOT NULL" for level in FAMILY_LEVELS
    )
    budgets = "(budget_minor) OVER (PARTITION BY funder, agreement)"
    shop.con.execute(f"""CREATE TEMP TABLE judged AS SELECT *, {first_reason(CHECKS[FUNDINGS.name])} AS reason FROM (
        SELECT *, min{budgets} <> max{budgets} AS two_budgets, coalesce(product_id IN (SELECT product_id FROM shelf),
            family IN ({families}), false) AS known
        FROM ({typed_select(source, shop.declaration)}))""")
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT '{FUNDINGS.name}', reason, {raw_row(source, shop.declaration)}, NULL FROM judged WHERE reason IS NOT NULL""")
    shop.con.execute(f"CREATE TABLE good_fundings AS SELECT {_NAMES} FROM judged WHERE reason IS NULL")
    shop.con.execute("DROP TABLE judged")


def about_fundings(shop: LoadUnderWay) -> tuple[str, ...]:
    """What is funded, in a sentence; nothing where no funding came."""
    if FUNDINGS.name not in shop.sources or not shop.count("SELECT count(*) FROM good_fundings"):
        return ()
    agreements, funders, first, last = shop.con.execute(
        f"SELECT count(DISTINCT {_OF_ONE}), count(DISTINCT funder), min(starts_on), max(ends_on) FROM good_fundings"
    ).fetchall()[0]
    what = "agreement" if agreements == 1 else "agreements"
    whose = "funder" if funders == 1 else "funders"
    return (f"Fundings: {agreements:,} {what} of {funders:,} {whose}, {first} to {last}.",)
