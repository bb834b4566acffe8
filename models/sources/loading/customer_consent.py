"""Who may be addressed: a consent that cannot be read is a refusal, and no bad row makes a refuser a stranger.

A customer without a row may have offers where the programme asks for no consent. So whatever keeps a row from being
read must not leave its customer without one. Decided here, in the load's connection, before customers are numbered:

* A row that is set aside while its customer can be told (`doubtful`) keeps the customer. They have refused, unless an
  appended delivery meets a former row of theirs: that one stays, and the bad one can only take consent away.
* Where a line of the file could not be split, every customer whose id stands in it is meant.
* A merged card's answer goes to the customer to whom it belongs now, where they gave none themselves: a no before a yes.
"""

from models.ground.shop_ids import no_id
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.tables.row_checks import UNREADABLE_LINE

UNREAD_CONSENT = "consent IS NULL AND raw_consent IS NOT NULL"
WORDS_NAMED = 10
_LONGEST_WORD = 40


def note_doubtful(shop: LoadUnderWay, judged: str) -> None:
    """Make `doubtful` and `consent_words` of the customers table's rows as they were judged.

    `doubtful`: customer_id, refuses (the bad row does not say yes, and not nothing either), cards (may be empty).
    `consent_words`: word, rows.
    """
    shop.con.execute(f"""CREATE TABLE doubtful AS
        SELECT customer_id, bool_or(coalesce(NOT consent, {UNREAD_CONSENT})) AS refuses FROM {judged}
        WHERE reason IS NOT NULL AND customer_id IS NOT NULL AND NOT {no_id("customer_id")} GROUP BY 1""")
    shop.con.execute(f"""CREATE TABLE consent_words AS
        SELECT CAST(raw_consent AS VARCHAR) AS word, count(*) AS rows FROM {judged}
        WHERE {UNREAD_CONSENT} GROUP BY 1""")


def settle_consent(shop: LoadUnderWay) -> None:
    """Bring the consent of everybody in `seen` into order; called when `seen`, `cards` and `known` are made.

    Makes `said_by_cards` (customer_id, consent), which outlives the rows of merged cards in the customers table.
    """
    con = shop.con
    if "customers" not in shop.sources:
        con.execute(f"CREATE TABLE said_by_cards AS {_said_before(shop)}")
        return
    _find_in_unreadable_lines(shop)
    con.execute("""CREATE TABLE former_rows AS SELECT * FROM known WHERE listed
        AND customer_id IN (SELECT customer_id FROM doubtful) AND customer_id NOT IN (SELECT customer_id FROM cards)
        AND customer_id NOT IN (SELECT customer_id FROM good_customers)""")
    con.execute("""INSERT INTO seen BY NAME SELECT * FROM former_rows
        WHERE customer_id NOT IN (SELECT customer_id FROM seen)""")
    con.execute("""INSERT INTO seen BY NAME SELECT customer_id, true AS listed FROM doubtful
        WHERE customer_id NOT IN (SELECT customer_id FROM seen) AND customer_id NOT IN (SELECT customer_id FROM cards)""")
    con.execute("""UPDATE seen SET consent = false, listed = true FROM doubtful
        WHERE doubtful.customer_id = seen.customer_id
          AND (refuses OR NOT (seen.customer_id IN (SELECT customer_id FROM former_rows)
                               OR seen.customer_id IN (SELECT customer_id FROM good_customers)))""")
    con.execute(f"""CREATE TABLE said_by_cards AS SELECT customer_id, bool_and(consent) AS consent FROM (
            SELECT customer_id, consent FROM good_customers UNION ALL
            SELECT customer_id, consent FROM ({_said_before(shop)})
                WHERE customer_id NOT IN (SELECT customer_id FROM good_customers WHERE consent IS NOT NULL) UNION ALL
            SELECT customer_id, false AS consent FROM doubtful)
        WHERE consent IS NOT NULL AND customer_id IN (SELECT customer_id FROM cards) GROUP BY 1""")
    con.execute("""UPDATE seen SET consent = said.consent FROM (
            SELECT owner_id, bool_and(consent) AS consent FROM cards JOIN said_by_cards USING (customer_id)
            GROUP BY 1) AS said
        WHERE said.owner_id = seen.customer_id AND seen.consent IS NULL""")


def _said_before(shop: LoadUnderWay) -> str:
    """SQL: what cards said in the load that is added to, as customers of their own or as cards merged already."""
    own = "SELECT customer_id, consent FROM known WHERE customer_id IN (SELECT customer_id FROM cards)"
    cards = shop.former.cards if shop.former else None
    if cards is None:
        return own
    stored = f"read_parquet({quoted(str(cards))})"
    there = {row[0] for row in shop.con.execute(f"DESCRIBE FROM {stored}").fetchall()}
    if "consent" not in there:  # a load of an earlier version
        return own
    return f"""{own} UNION ALL SELECT customer_id, consent FROM {stored}
        WHERE customer_id IN (SELECT customer_id FROM cards)"""


def unread_consents(shop: LoadUnderWay) -> list[str]:
    """A sentence where words of the column consent could not be read."""
    if "customers" not in shop.sources:
        return []
    found = shop.con.execute("SELECT word, rows FROM consent_words ORDER BY rows DESC, word").fetchall()
    if not found:
        return []
    words = [
        f"{word[:_LONGEST_WORD]!r} ({rows:,} {'row' if rows == 1 else 'rows'})"
        for word, rows in found[:WORDS_NAMED]
    ]
    words += [f"and {len(found) - WORDS_NAMED:,} more"] if len(found) > WORDS_NAMED else []
    several = f"{len(found):,} words that are" if len(found) > 1 else "a word that is"
    column = shop.declaration.vocabulary.of("customers").columns.get("consent", "consent")
    return [
        (
            f"Column {column} of customers has {several} neither true nor false: {', '.join(words)}. These customers count as"
            " having refused and get no offers; say what each word means in [booleans] of tables.toml."
        )
    ]


def _find_in_unreadable_lines(shop: LoadUnderWay) -> None:
    """Add to `doubtful` whoever's id stands in a line of the customers table that could not be split."""
    bare = "trim(part)"
    if shop.declaration.ids == "numbers":
        bare = f"regexp_replace({bare}, '^0*([0-9]+)(\\.0*)?$', '\\1')"
    shop.con.execute(f"""INSERT INTO doubtful SELECT DISTINCT {bare}, true FROM (
            SELECT unnest(regexp_split_to_array("row" ->> 'text', '[,;|"\\t\\r\\n]')) AS part FROM quarantine
            WHERE table_name = 'customers' AND reason = '{UNREADABLE_LINE}')
        WHERE {bare} IN (SELECT customer_id FROM seen UNION SELECT customer_id FROM cards UNION SELECT customer_id FROM known)
          AND {bare} NOT IN (SELECT customer_id FROM doubtful)""")
