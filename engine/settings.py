"""Where this deployment keeps things and which clock it follows: the environment, prefix `ABONEMENT_`.

Imports `models.ground` alone. The rules of the programme are not here but in `programme.toml`.

    ABONEMENT_WORKSPACE   folder with data, runs, registry and the embedded store (required)
    ABONEMENT_CLOCK       "system", or "fixed:2017-12-04T09:00:00Z" for a demo of past data (required to serve;
                          commands that read the store go by it where they get no --now, and by the system without)
    ABONEMENT_STORE_URL   SQLAlchemy URL: sqlite:////srv/abonement/store.db or postgresql://user@host/abonement;
                          by default store.db in the workspace
    ABONEMENT_DEMO        1 shows the page /demo to browsers on this machine
    ABONEMENT_CONSOLE     0 leaves the manager's console at /console away; by default it is there, for users that
                          `abonement user add` made
    ABONEMENT_HOST, ABONEMENT_PORT   where the server listens, by default 127.0.0.1 and 8000
    ABONEMENT_PUBLIC_URL         where clients reach the server, for the API's description: "https://offers.example.com"
    ABONEMENT_CORS_ORIGINS       pages that may ask the server from a browser, separated by spaces:
                                 "https://app.example.com"; by default none
    ABONEMENT_RATE_LIMIT         how often one server key may ask each worker, by default "1000/second"
    ABONEMENT_TOKEN_RATE_LIMIT   how often one customer's phone may, by default "120/minute"
    ABONEMENT_TOKEN_EVENT_LIMIT  how many events one customer's phone may tell, by default "300/minute"
    ABONEMENT_WRONG_KEY_LIMIT    how many wrong keys one address may try each worker, by default "60/minute"
    ABONEMENT_MODEL_DAYS         after how many days without learning a model is called old, by default 90: in a night's
                                 summary and metrics, and at /health/ready
    ABONEMENT_TOKEN_MINUTES      how long a phone's token is valid, by default 15
    ABONEMENT_TOKEN_SECRETS      at least 32 characters each, separated by spaces: the first signs, all verify;
                                 by default the file token-secrets in the workspace, which the server makes
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import limits
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.ground.errors import BadInput
from models.ground.moment import EARLIEST, LATEST

PREFIX = "ABONEMENT_"
_SYSTEM, _FIXED = "system", "fixed:"
_CLOCKS = "system or fixed:2017-12-04T09:00:00Z"
_OF_COMMANDS = {"ABONEMENT_DATA"}  # read by `abonement load`; a machine that loads may serve too
_MODEL_DAYS, _MOST_MODEL_DAYS = 90, 3650
SHORTEST_SECRET = 32  # as long as the digest that it signs (RFC 7518, 3.2)


class BadSettings(BadInput):
    """A setting is missing, unknown or not what was expected."""


class Settings(BaseSettings):
    """The deployment's settings; build them with `load_settings`, which speaks in sentences."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    workspace: Path
    clock: str
    store_url: str = ""
    demo: bool = False
    console: bool = True
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    cors_origins: str = ""
    rate_limit: str = "1000/second"
    token_rate_limit: str = "120/minute"  # noqa: S105 - a rate
    token_event_limit: str = "300/minute"  # noqa: S105 - a rate
    wrong_key_limit: str = "60/minute"
    model_days: int = Field(default=_MODEL_DAYS, ge=1, le=_MOST_MODEL_DAYS)
    token_minutes: int = Field(default=15, ge=1, le=1440)
    token_secrets: SecretStr = SecretStr("")

    @field_validator("rate_limit", "token_rate_limit", "token_event_limit", "wrong_key_limit")
    @classmethod
    def _rate_is_readable(cls, rate: str) -> str:
        limits.parse(rate)
        return rate

    @field_validator("public_url", "cors_origins")
    @classmethod
    def _addresses_are_whole(cls, addresses: str) -> str:
        for one in addresses.split():
            parts = urlsplit(one)
            if parts.scheme not in {"http", "https"} or not parts.netloc or one.endswith("/"):
                raise ValueError(f"{one} is no address with http:// or https:// and without a / at its end")
        return addresses

    @field_validator("cors_origins")
    @classmethod
    def _origins_have_no_path(cls, origins: str) -> str:
        if any(urlsplit(one).path for one in origins.split()):
            raise ValueError("an origin is a scheme and a host, without a path")
        return origins

    @field_validator("token_secrets")
    @classmethod
    def _secrets_are_long(cls, secrets: SecretStr) -> SecretStr:
        if any(len(one) < SHORTEST_SECRET for one in secrets.get_secret_value().split()):
            raise ValueError(f"each secret needs at least {SHORTEST_SECRET} characters")
        return secrets

    @field_validator("clock")
    @classmethod
    def _clock_is_known(cls, clock: str) -> str:
        if clock != _SYSTEM:
            _fixed_moment(clock)
        return clock

    @property
    def store(self) -> str:
        """The store's URL, inside the workspace unless it was given."""
        return self.store_url or store_url_in(self.workspace)

    @property
    def clock_is_fixed(self) -> bool:
        """True if time stands still."""
        return self.clock != _SYSTEM

    def clock_function(self) -> Callable[[], datetime]:
        """Return the function that tells the time, in UTC."""
        return clock_function(self.clock)


def clock_function(clock: str) -> Callable[[], datetime]:
    """The function that tells the time by a checked clock, in UTC."""
    if clock == _SYSTEM:
        return lambda: datetime.now(UTC)
    moment = _fixed_moment(clock)
    return lambda: moment


def deployment_now() -> datetime:
    """The time by the deployment's clock, for a command that has not been told one; BadSettings if it is none."""
    clock = os.environ.get(f"{PREFIX}CLOCK") or _SYSTEM
    try:
        return clock_function(clock)()
    except ValueError as error:
        raise BadSettings(f"{PREFIX}CLOCK is {clock!r}: {error}, for example {_CLOCKS}.") from error


def model_days() -> int:
    """After how many days a model is called old here, for a command; BadSettings if that is no number of days."""
    given = os.environ.get(f"{PREFIX}MODEL_DAYS") or str(_MODEL_DAYS)
    if not given.isdecimal() or not 1 <= int(given) <= _MOST_MODEL_DAYS:
        raise BadSettings(f"{PREFIX}MODEL_DAYS is {given!r}: expected days from 1 to {_MOST_MODEL_DAYS}.")
    return int(given)


def store_url_in(workspace: Path) -> str:
    """Return the URL of the embedded store of a workspace."""
    return f"sqlite:///{(workspace / 'store.db').absolute()}"


def load_settings(options: Mapping[str, object] | None = None) -> Settings:
    """Read the environment; raises BadSettings with one sentence for each thing that is wrong.

    `options` are settings by their names in `Settings`, as a command was given them: each goes before its variable.
    """
    given = dict(options or {})
    known = {PREFIX + name.upper() for name in Settings.model_fields} | _OF_COMMANDS
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettings(
            f"The environment sets {', '.join(unknown)}, which is no setting of this version; "
            f"known are {', '.join(sorted(known))}."
        )
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise BadSettings(" ".join(_sentence(str(one["loc"][0]), one) for one in error.errors())) from error


def _sentence(field: str, error: object) -> str:
    name = PREFIX + field.upper()
    example = {
        "workspace": "var/demo",
        "clock": _CLOCKS,
        "demo": "0 or 1",
        "console": "0 or 1",
        "rate_limit": "1000/second",
        "public_url": "https://offers.example.com",
        "cors_origins": "https://app.example.com",
        "token_rate_limit": "120/minute",
        "token_event_limit": "300/minute",
        "wrong_key_limit": "60/minute",
    }.get(field)
    hint = f", for example {example}" if example else ""
    if isinstance(error, dict) and error.get("type") == "missing":
        return f"{name} is not set; set it{hint}."
    if field == "token_secrets":
        return f"{name} cannot be used: each secret needs at least {SHORTEST_SECRET} characters."
    given, message = (error.get("input"), error.get("msg", "")) if isinstance(error, dict) else ("", "")
    return f"{name} is {given!r}: {str(message).removeprefix('Value error, ')}{hint}."


def _fixed_moment(clock: str) -> datetime:
    try:
        moment = datetime.fromisoformat(clock.removeprefix(_FIXED)) if clock.startswith(_FIXED) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("expected system, or fixed: and a moment with its time zone")
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"expected a moment from {EARLIEST.date()} to {LATEST.date()}")
    return moment.astimezone(UTC)
