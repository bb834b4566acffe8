"""Tokens for phones: signed with HMAC-SHA-256, bound to one customer, valid for minutes, kept nowhere.

The secret is not in the store, so that a backup of the store lets nobody make tokens. It comes from
ABONEMENT_TOKEN_SECRETS, or from a file in the workspace that the first server makes. The first secret signs, all
of them verify: a new one goes in front, the old one goes away once its last token has ended.
"""

import os
import secrets
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import jwt

from engine.domain.offer_errors import Refused
from engine.serving.http.problems import PROBLEMS
from engine.settings import SHORTEST_SECRET, BadSettings, Settings
from models.ground.errors import CannotWrite

SECRETS_FILE = "token-secrets"
_ALGORITHM = "HS256"
_SECRET_BYTES = 32
# Nobody but the owner writes it, and nobody outside their group reads it.
_TOO_OPEN = 0o027


class Token(NamedTuple):
    """What a phone's token says."""

    customer_id: str
    key_id: str  # of the server key that made it, and without which it is worth nothing
    ends_at: datetime


class Signer:
    """Makes and reads tokens; secrets that are there are read at once, so that bad ones stop the start.

    Raises BadSettings for a file of secrets that others can read or change, or with a secret that is too short.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.workspace / SECRETS_FILE
        given = tuple(settings.token_secrets.get_secret_value().split())
        self._secrets = given or (_read_secrets(self._file) if self._file.is_file() else ())

    def make(self, token: Token, *, now: datetime) -> str:
        """Return the token as the phone sends it; raises CannotWrite if there is no secret and none can be kept."""
        claims = {"sub": token.customer_id, "key": token.key_id, "iat": now, "exp": token.ends_at}
        return jwt.encode(claims, self._known()[0], algorithm=_ALGORITHM)

    def read(self, text: str, now: datetime) -> Token:
        """Return what a token says; raises Refused if it is not ours or has ended."""
        for secret in self._known():
            try:
                claims = jwt.decode(
                    text,
                    secret,
                    algorithms=[_ALGORITHM],
                    options={"require": ["sub", "key", "exp"], "verify_exp": False, "verify_iat": False},
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.InvalidTokenError:
                break
            ends_at = _moment(claims["exp"])
            if ends_at is not None and now < ends_at:
                return Token(claims["sub"], str(claims["key"]), ends_at)
        raise Refused("key_unknown", PROBLEMS["key_unknown"].example)

    def ends_at(self, now: datetime) -> datetime:
        """When a token made now will end: a whole second."""
        return (now + timedelta(minutes=self._settings.token_minutes)).replace(microsecond=0)

    def _known(self) -> tuple[str, ...]:
        if not self._secrets:
            self._secrets = _kept_secrets(self._file)
        return self._secrets


def _moment(seconds: object) -> datetime | None:
    """A claim's moment; None where it is no number, or none of the calendar: who shares the secret may have made it."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def _kept_secrets(file: Path) -> tuple[str, ...]:
    """The lines of the file, which is made where there is none; of several servers that start, one makes it."""
    try:
        if not file.exists():
            draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
                writing.write(secrets.token_urlsafe(_SECRET_BYTES) + "\n")
            try:
                file.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return _read_secrets(file)
    except OSError as error:
        raise CannotWrite(
            f"The secrets of tokens cannot be kept in {file} ({error.strerror}); make the workspace writable, "
            "or set ABONEMENT_TOKEN_SECRETS."
        ) from error


def _read_secrets(file: Path) -> tuple[str, ...]:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        found = file.read_text(encoding="utf-8", errors="replace").split()
    except OSError as error:
        raise BadSettings(f"{file} cannot be read ({error.strerror}); make it the server's own.") from error
    if mode & _TOO_OPEN:
        raise BadSettings(
            f"{file} is open to others (mode {mode:03o}), who could make tokens for every customer; "
            f"put a new secret in it and `chmod 600 {file}`."
        )
    if not found or min(map(len, found)) < SHORTEST_SECRET:
        raise BadSettings(
            f"{file} holds no secret, or one that can be guessed: expected lines of at least {SHORTEST_SECRET} "
            "characters; remove the file, and the server makes a new one."
        )
    return tuple(found)
