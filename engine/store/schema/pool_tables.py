"""Pools of which customers draw what counts for a day, and every set that was drawn.

    bundles 1--0..1 pools              what was promised of drawing; the ready JSON of every offer
            1--n pool_offers           all that can be drawn, by place; never rewritten
            1--n draws                 sets in the order in which they were drawn; only appended to
            1--n drawn_offers          the places of each set
            1--n offers                those that were drawn once, as of any other bundle

The last set of a bundle is what counts, up to its `ends_us`.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Integer,
    String,
    Subquery,
    Table,
    Text,
    and_,
    not_,
    or_,
    select,
)

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import Erasure, part_of
from engine.store.schema.night_tables import offers


def _of_bundle() -> Column[int]:
    return Column(
        "bundle_no",
        Key,
        ForeignKey("bundles.bundle_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


pools = Table(
    "pools",
    metadata,
    _of_bundle(),
    Column("shown", Integer, nullable=False),  # offers of a set
    Column("days", Integer, nullable=False),  # local days for which a set counts
    Column("refreshes_a_day", Integer, nullable=False),
    Column("swaps_a_day", Integer, nullable=False),
    Column("families", Integer, nullable=False),  # different ones in each set at least
    Column("rendered", Text, nullable=False),  # JSON: every offer as a customer would read it, by place
    info=part_of("bundles", erased=Erasure.REMOVED, exported=False),
)

pool_offers = Table(
    "pool_offers",
    metadata,
    _of_bundle(),
    Column("slot", Integer, primary_key=True, autoincrement=False),  # as in `offers`
    Column("offer_id", String(64), nullable=False),
    Column("item_id", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("discount_bp", Integer, nullable=False),
    Column("price_minor", BigInteger),  # null for a family
    Column("max_units", Integer, nullable=False),
    Column("reason", String(32), nullable=False),  # code
    Column("p_buy", Float, nullable=False),
    Column("propensity", Float, nullable=False),
    Column("expected_cost_milli", BigInteger, nullable=False),  # its part of what the pool is planned to cost
    Column("family", Text, nullable=False),  # empty for an item without one
    sqlite_with_rowid=False,
    info=part_of("bundles", erased=Erasure.REMOVED),
)

draws = Table(
    "draws",
    metadata,
    _of_bundle(),
    Column(
        "draw_no", Integer, primary_key=True, autoincrement=False
    ),  # 1, 2, ...: two phones cannot draw at once
    Column("how", String(8), nullable=False),
    Column("local_day", Date, nullable=False),
    Column("drawn_us", BigInteger, nullable=False),
    Column(
        "day_ends_us", BigInteger, nullable=False
    ),  # of the local day, by which refreshes and swaps are counted
    Column("ends_us", BigInteger, nullable=False),  # of the set
    CheckConstraint("how IN ('claim', 'refresh', 'swap')", name="how"),
    info=part_of("bundles"),
)

drawn_offers = Table(
    "drawn_offers",
    metadata,
    _of_bundle(),
    Column("draw_no", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    info=part_of("bundles"),
)


def counts_now(now_us: int) -> ColumnElement[bool]:
    """An offer is shown at a moment: its bundle is none of which customers draw, or it is in the set that counts."""
    later = draws.alias("later")
    is_last = not_(
        select(later.c.draw_no)
        .where(later.c.bundle_no == draws.c.bundle_no, later.c.draw_no > draws.c.draw_no)
        .exists()
    )
    in_last = (
        select(drawn_offers.c.slot)
        .join(
            draws,
            and_(draws.c.bundle_no == drawn_offers.c.bundle_no, draws.c.draw_no == drawn_offers.c.draw_no),
        )
        .where(
            drawn_offers.c.bundle_no == offers.c.bundle_no,
            drawn_offers.c.slot == offers.c.slot,
            draws.c.ends_us > now_us,
            is_last,
        )
        .exists()
    )
    drawn_of = select(draws.c.draw_no).where(draws.c.bundle_no == offers.c.bundle_no).exists()
    return or_(not_(drawn_of), in_last)


def made_by_night() -> Subquery:
    """Every offer that nights made and count on, of pools all that can be drawn: bundle_no, slot, kind, p_buy, expected_cost_milli."""
    names = ("bundle_no", "slot", "kind", "p_buy", "expected_cost_milli")
    of_pool = select(pools.c.bundle_no).where(pools.c.bundle_no == offers.c.bundle_no).exists()
    whole = select(*(offers.c[name] for name in names)).where(not_(of_pool))
    return whole.union_all(select(*(pool_offers.c[name] for name in names))).subquery()
