"""Each product's VAT: which rate it bears, and what of it price and cost include.

The products table of a load has these columns (`models.tables.STORED_VAT`) only where tables.toml declares [vat], so that
a shop that declares none is stored as before, and whoever reads the load can tell that no tax is known.
"""

from collections.abc import Mapping
from dataclasses import replace

from models.ground.errors import BadInput
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import Source, quoted
from models.sources.reading.declaration import Declaration
from models.sources.reading.declared_vat import INCLUDED, DeclaredVat
from models.sources.stored.finished_load import Data
from models.tables import FAMILY_LEVELS, STORED_VAT, VAT_BP

_WHOLE_BP = 10_000


def without_undeclared(sources: Mapping[str, Source], declaration: Declaration) -> Mapping[str, Source]:
    """The sources, with the products' column of rates among those that are not read where nothing declares VAT."""
    products = sources.get("products")
    if declaration.vat or products is None or VAT_BP not in products.columns:
        return sources
    kept = {name: kind for name, kind in products.columns.items() if name != VAT_BP}
    called = {name: theirs for name, theirs in products.called.items() if name != VAT_BP}
    ignored = tuple(sorted({*products.ignored, *products.called.get(VAT_BP, (VAT_BP,))}))
    return {**sources, "products": replace(products, columns=kept, called=called, ignored=ignored)}


def stored_vat(declaration: Declaration) -> tuple[str, ...]:
    """Names of the columns of VAT that the load's products table has: all of STORED_VAT, or none."""
    return tuple(column.name for column in STORED_VAT) if declaration.vat else ()


def with_vat(rows: str, vat: DeclaredVat | None) -> str:
    """SQL: rows with vat_bp, families and flag_list, and what their price and their cost include; null where no rate is known."""
    if vat is None:
        return rows
    says = [
        VAT_BP,
        *(_case(level, vat.families) for level in reversed(FAMILY_LEVELS) if vat.families),
        *(f"CASE WHEN list_contains(flag_list, {quoted(f)}) THEN {r} END" for f, r in vat.flags.items()),
        *([str(vat.default_bp)] if vat.default_bp is not None else []),
    ]
    rate = f"coalesce({', '.join(says)}, NULL)"
    price, cost = (f"CAST({rate if of == INCLUDED else 0} AS BIGINT)" for of in (vat.price, vat.cost))
    return f"SELECT *, {price} AS price_vat_bp, {cost} AS cost_vat_bp FROM ({rows})"


def refuse_unrated(shop: LoadUnderWay) -> None:
    """Raise BadInput where the rate of a product is nowhere said, or a family that is given one does not exist."""
    vat = shop.declaration.vat
    if vat is None:
        return
    levels = " UNION ".join(f"SELECT {level} FROM shelf" for level in FAMILY_LEVELS)
    known = {row[0] for row in shop.con.execute(levels).fetchall()}
    if unknown := sorted(set(vat.families) - known):
        raise BadInput(
            f"tables.toml: [vat.families] names {unknown[0]!r}, a family that no product has; name it as the products"
            " table does."
        )
    without = "merchandise AND (price_vat_bp IS NULL OR cost_vat_bp IS NULL)"
    number, total, some = (
        shop.con.execute(f"""SELECT count(*) FILTER ({without}), count(*) FILTER (merchandise),
        min(product_id) FILTER ({without}) FROM shelf""").fetchall()[0]
    )
    if number:
        raise BadInput(
            f"{number:,} of {total:,} products have no rate of VAT, such as {some!r}: their vat_bp is empty, and neither"
            " their families nor their flags have one in tables.toml; give [vat] a default_bp, or 0 where none is due."
        )


def refuse_other_vat(former: Data, declaration: Declaration) -> None:
    """Raise BadInput where a delivery declares VAT otherwise than the load that it is added to."""
    declared = declaration.vat.as_dict() if declaration.vat else None
    if former.vat != declared:
        was, now = (
            f"prices {vat['price']}, costs {vat['cost']} and their rates" if vat else "no [vat]"
            for vat in (former.vat, declared)
        )
        raise BadInput(
            f"In the delivery VAT is declared otherwise than in the workspace ({now}; there {was}): margins of former days"
            " would change by the way; load everything anew without --append, or declare what was declared."
        )


def about_vat(shop: LoadUnderWay) -> tuple[str, ...]:
    """Sentences about the rates found, products that cost more than they bring, and a column of rates that is not read."""
    vat = shop.declaration.vat
    if vat is None:
        products = shop.sources.get("products")
        if products is None or VAT_BP not in products.ignored:
            return ()
        return (
            "The products have a column vat_bp, and tables.toml declares no [vat]: margins count no tax.",
        )
    say = {INCLUDED: "include it", "excluded": "do not"}
    basis = f"VAT: prices and what is paid {say[vat.price]}, costs {say[vat.cost]}"
    rates = shop.con.execute("""SELECT greatest(price_vat_bp, cost_vat_bp), count(*) FROM shelf
        WHERE merchandise GROUP BY 1 ORDER BY 1""").fetchall()
    found = ", ".join(f"{bp / 100:g} % on {n:,} product{'s' * (n != 1)}" for bp, n in rates)
    sentences = [f"{basis}; {found}." if vat.needs_rates else f"{basis}: no rate is needed."]
    loss = f"cost_minor * ({_WHOLE_BP} + price_vat_bp) > price_minor * ({_WHOLE_BP} + cost_vat_bp)"
    number, total, some = shop.con.execute(f"""SELECT count(*) FILTER ({loss}), count(*),
        min(product_id) FILTER ({loss}) FROM shelf WHERE merchandise AND price_minor IS NOT NULL AND cost_minor IS NOT NULL
        """).fetchall()[0]
    if number:
        one = number == 1
        sentences.append(
            f"{number:,} of {total:,} products with price and cost cost{'s' * one} more than"
            f" {'its' if one else 'their'} price without VAT, such as {some!r}: look at [vat] cost, at the rates and at"
            " what price and cost are of."
        )
    return tuple(sentences)


def _case(column: str, rates: Mapping[str, int]) -> str:
    return f"CASE {column} {' '.join(f'WHEN {quoted(name)} THEN {rate}' for name, rate in rates.items())} END"
