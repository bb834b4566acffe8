"""The two files of another engine, arms and offers, checked like every other input: one sentence for what is wrong.

CSV with a heading line, or Parquet. Whole files are read before anything is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import duckdb

from engine.domain.experiments import INCUMBENT, OURS
from engine.store.nights.foreign_offers import ForeignOffer
from models.features.bucket_history import quoted
from models.ground.errors import BadInput
from models.ground.moment import parse_moment
from models.ground.shop_ids import ID_RULE, is_id

_ARMS = ("customer_id", "arm")
_OFFERS = ("customer_id", "product_id", "discount", "valid_from", "valid_to")
_TOLD = ("shown", "used")
_SAID = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": None}
_WHOLE_BP = 10_000
Row = Mapping[str, str]


def read_foreign_arms(file: Path) -> dict[str, str]:
    """The arm of each customer, as the file names them.

    Raises:
        BadInput: it cannot be read, a column or value is missing, an arm is neither word, or a customer is in both.
    """
    found: dict[str, str] = {}
    for where, row in _rows(file, _ARMS, ()):
        name, arm = _id(row, "customer_id", where), row["arm"]
        if arm not in (OURS, INCUMBENT):
            raise BadInput(
                f"{where}: arm is {arm!r}, expected {OURS} (gets our offers) or {INCUMBENT} (keeps the other engine's)."
            )
        if found.setdefault(name, arm) != arm:
            raise BadInput(
                f"{where}: customer {name} is in both arms; a customer has one, so correct the file."
            )
    return found


def read_foreign_offers(file: Path, timezone: str) -> list[ForeignOffer]:
    """Every offer of the file.

    Args:
        file: `discount` is a share of the price (0.2 is a fifth off), `valid_to` the first moment after the offer; shown
            and used are yes, no or empty.
        timezone: of the shop, for days without a time.

    Raises:
        BadInput: it cannot be read, or a value is missing or impossible.
    """

    @cache
    def moment(text: str, name: str) -> datetime:
        return parse_moment(text, timezone, name).as_of

    found = []
    for where, row in _rows(file, _OFFERS, _TOLD):
        starts, ends = (moment(_day(row[name]), f"{where}: {name}") for name in ("valid_from", "valid_to"))
        if ends <= starts:
            raise BadInput(
                f"{where}: valid_to is {row['valid_to']}, not after valid_from {row['valid_from']}; valid_to is the first "
                "day, or moment, on which the offer is over."
            )
        found.append(
            ForeignOffer(
                _id(row, "customer_id", where),
                _id(row, "product_id", where),
                _depth(row["discount"], where),
                starts,
                ends,
                *(_said(row[name], name, where) for name in _TOLD),
            )
        )
    return found


def _rows(file: Path, needed: Sequence[str], further: Sequence[str]) -> Iterator[tuple[str, Row]]:
    is_parquet = file.suffix == ".parquet"
    source = (
        f"read_parquet('{quoted(file)}')"
        if is_parquet
        else f"read_csv('{quoted(file)}', all_varchar = true, header = true, null_padding = false)"
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            read = connection.execute(f"SELECT * FROM {source}")
            heads = [column[0] for column in read.description]
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise BadInput(
                f"Cannot read {file}, expected CSV with a heading line or Parquet: {said}"
            ) from error
        lacking = [name for name in needed if name not in heads]
        if lacking:
            raise BadInput(
                f"{file} has the columns {', '.join(heads)}; it lacks {', '.join(lacking)}. Expected {', '.join(needed)}"
                f"{' and, where you like, ' + ', '.join(further) if further else ''}."
            )
        number = 0 if is_parquet else 1
        word = "row" if is_parquet else "line"
        try:
            while some := read.fetchmany(10_000):
                for values in some:
                    number += 1
                    row = {
                        name: "" if value is None else str(value).strip()
                        for name, value in zip(heads, values, strict=True)
                    }
                    where = f"{file}, {word} {number}"
                    empty = [name for name in needed if not row[name]]
                    if empty:
                        raise BadInput(
                            f"{where} lacks {', '.join(empty)}; add it, or leave the whole line out."
                        )
                    yield where, dict.fromkeys(further, "") | row
        except duckdb.Error as error:
            raise BadInput(f"Cannot read {file} to its end: {str(error).splitlines()[0]}") from error


def _id(row: Row, name: str, where: str) -> str:
    if not is_id(row[name]):
        raise BadInput(f"{where}: {name} {row[name]!r} is no id: {ID_RULE}.")
    return row[name]


def _day(text: str) -> str:
    """A day that Parquet gives a time of midnight without a zone is a day."""
    return text.removesuffix(" 00:00:00")


def _depth(text: str, where: str) -> int:
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 < share <= 1:
        raise BadInput(
            f"{where}: discount is {text!r}, expected a share of the price above 0 and at most 1; 0.2 is a fifth off."
        )
    return max(1, round(share * _WHOLE_BP))


def _said(text: str, name: str, where: str) -> bool | None:
    if text.lower() not in _SAID:
        raise BadInput(f"{where}: {name} is {text!r}, expected yes, no or nothing.")
    return _SAID[text.lower()]
