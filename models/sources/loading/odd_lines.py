"""Lines that are readable and cannot be: found when all lines are known, set aside or kept, and named.

Each is named with file, line and value, because who reads that a line is odd wants to see it. The purchases are read once
more only where there is something to name.
"""

from models.sources.loading.business_day import ShopClock
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.plausible_days import plausible_days
from models.sources.reading.csv_lines import place_of
from models.sources.reading.typed_columns import raw_row

# So many lines of a kind are named; all of those set aside stand in the quarantine.
LINES_NAMED = 5
# What of a line finds it in its file.
KNOWN_BY = ("purchased_at", "product_id", "paid")


def set_implausible_days_aside(shop: LoadUnderWay, judged: str, clock: ShopClock) -> tuple[str, ...]:
    """Take the lines of impossible days out of `lines` into the quarantine; returns the sentences that name them.

    Args:
        shop: with the table `lines`.
        judged: SQL of the source's typed rows with their `reason`, null for a good one.
        clock: for the moments of all lines.
    """
    found = shop.con.execute(
        f"SELECT {clock.own_day}, count(*) FROM lines WHERE bad IS NULL GROUP BY 1"
    ).fetchall()
    delivered = dict(found)
    lines = dict(delivered)
    for day, number in (shop.former.days() if shop.former else {}).items():
        lines[day] = lines.get(day, 0) + number
    days = plausible_days(lines, shop.declaration, shop.today)
    early = [day for day in delivered if days.first and day < days.first.day]
    late = [day for day in delivered if days.last and day > days.last.day]
    if not early and not late:
        return ()
    why = days.outside(clock.own_day)
    raw = raw_row(shop.sources["purchases"], shop.declaration)
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT 'purchases', why, {raw}, {clock.own_day} FROM (SELECT *, {why} AS why FROM {judged})
        WHERE reason IS NULL AND why IS NOT NULL""")
    shop.con.execute(f"UPDATE lines SET person = NULL, bad = '{{}}' WHERE bad IS NULL AND {why} IS NOT NULL")
    remarks = []
    for bound, outside, key, first in (
        (days.first, early, "first_day", True),
        (days.last, late, "last_day", False),
    ):
        if bound and outside:
            number = sum(delivered[day] for day in outside)
            some = f"reason IS NULL AND {clock.own_day} {'<' if first else '>'} DATE '{bound.day}'"
            value = "CAST(raw_purchased_at AS VARCHAR)"
            named = "; ".join(name_lines(shop, judged, some, value))
            more = f"; and {number - LINES_NAMED:,} more" if number > LINES_NAMED else ""
            right = min(outside) if first else max(outside)
            remarks.append(
                f"Set aside {number:,} {'line' if number == 1 else 'lines'} {bound.why}: {named}{more}. If such days"
                f' are right, declare {key} = "{right}" in tables.toml and load again.'
            )
    return tuple(remarks)


def name_lines(shop: LoadUnderWay, judged: str, which: str, value: str) -> list[str]:
    """Say of the first few rows for which the predicate `which` holds where they stand, and the SQL `value`."""
    source = shop.sources["purchases"]
    # Those made up of several columns, or given for all, are in no one cell.
    known = [name for name in KNOWN_BY if len(source.called.get(name, ())) == 1]
    raw = "".join(f", CAST(raw_{name} AS VARCHAR)" for name in known)
    found = shop.con.execute(f"""SELECT file_no, row_no, basket_id, {value}{raw}
        FROM {judged} WHERE {which} ORDER BY file_no, row_no, purchased_at, basket_id LIMIT {LINES_NAMED}""").fetchall()
    remarks = []
    for file_no, row_no, basket, said, *values in found:
        place = f"receipt {basket}"
        if row_no is not None and source.files:
            cells = {source.called[name][0]: text for name, text in zip(known, values, strict=True)}
            place = place_of(source.files[file_no], shop.declaration.encoding, row_no, cells)
        remarks.append(f"{place}: {said}")
    return remarks
