"""The tables of the manager's console: who may sign in, who is signed in, and who tried in vain."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import Clock, Lasts, Until, of_nobody

console_users = Table(
    "console_users",
    metadata,
    Column("user_id", String(32), primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # as `login_name` spells it
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2id, with its parameters and salt
    Column("created_us", BigInteger, nullable=False),
    Column("disabled_us", BigInteger),
    info=of_nobody("people of the shop", lasts=Lasts.FOR_GOOD),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("fingerprint", LargeBinary(32), primary_key=True),  # SHA-256 of what the browser holds
    Column("user_id", String(32), ForeignKey("console_users.user_id"), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    Column("ends_us", BigInteger, nullable=False),
    info=of_nobody("who is signed in", lasts=Until("ends_us", Clock.REAL)),
)
Index("ix_console_sessions_user", console_sessions.c.user_id)

failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    Column("failure_no", Key, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),  # as it was typed, which may be nobody's
    Column("address", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    info=of_nobody("wrong passwords of the last days", lasts=Until("at_us", Clock.REAL)),
)
Index("ix_failed_sign_ins_at", failed_sign_ins.c.at_us)
