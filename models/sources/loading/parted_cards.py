"""Merged cards that got another owner, or none: a delivery cannot take their purchases out of the owner's again."""

from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted

NAMED = 3


def parted_cards(shop: LoadUnderWay) -> tuple[str, ...]:
    """A sentence where there are any; called when `cards` is made."""
    if not shop.former or not shop.former.cards:
        return ()
    found = shop.con.execute(f"""SELECT before.customer_id, before.owner_id, now.owner_id, count(*) OVER ()
        FROM read_parquet({quoted(str(shop.former.cards))}) AS before
        LEFT JOIN cards AS now USING (customer_id) LEFT JOIN cards AS onward ON onward.customer_id = before.owner_id
        WHERE coalesce(onward.owner_id, before.owner_id) IS DISTINCT FROM now.owner_id
        ORDER BY 1 LIMIT {NAMED}""").fetchall()
    if not found:
        return ()
    some = "; ".join(
        f"{card!r} belonged to {before!r} and now belongs to {repr(now) if now else 'nobody else'}"
        for card, before, now, _ in found
    )
    number = found[0][3]
    cards = "1 merged card has" if number == 1 else f"{number:,} merged cards have"
    return (
        (
            f"{cards} another owner than before: {some}. What was loaded under it until now stays with the owner before; load"
            " everything anew, without --append, if it is to go over."
        ),
    )
