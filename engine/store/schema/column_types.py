"""What all tables share: one metadata with named constraints, the key type, moments as whole numbers."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Integer, MetaData

from models.ground.moment import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# SQLite keeps rows under a 64-bit key for nothing, but only where the type is spelled INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)


def moment_us(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC of a moment with time zone; ValueError without one."""
    if moment.tzinfo is None:
        raise ValueError(
            f"expected a moment with a time zone, got {moment.isoformat()}; add one, for example +00:00"
        )
    return (moment - _EPOCH) // _MICROSECOND


def moment(moment_us: int) -> datetime:
    """The UTC moment of a column ending in `_us`, whichever 64-bit number it holds.

    What is before 1970 or after 2199 is read as the nearest moment that is not: one row that should never have been
    written must not keep everybody else's from being read.
    """
    return _EPOCH + min(max(moment_us, _FIRST_US), _LAST_US) * _MICROSECOND


_FIRST_US, _LAST_US = moment_us(EARLIEST), moment_us(LATEST)
