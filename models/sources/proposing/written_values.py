"""How a shop writes numbers, times, yes and no, read off what stands in its columns.

Every function takes texts as they came; none guesses where the texts do not decide, it says so.
"""

import codecs
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

BLANKS = " \u00a0\u202f"
SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₽": "RUB", "₴": "UAH", "₺": "TRY", "₹": "INR", "zł": "PLN"} | {
    "Kč": "CZK",
    "руб": "RUB",
    "$": "USD",
}
# What every load reads as yes or no, and what people write beside it.
READ = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"})
YES = frozenset(
    {"ja", "j", "oui", "o", "si", "sí", "sim", "tak", "да", "д", "opt-in", "optin", "opted-in"}
    | {"subscribed", "granted", "agreed"}
)
NO = frozenset(
    {"nein", "non", "não", "nie", "нет", "н", "opt-out", "optout", "opted-out", "unsubscribed", "revoked"}
    | {"refused", "denied", "withdrawn"}
)
UNITS = {
    **dict.fromkeys(
        ("st", "stk", "stck", "pc", "pcs", "pce", "ea", "each", "unit", "шт", "ks", "szt"), "piece"
    ),
    **dict.fromkeys(("kgm", "kilogram", "кг"), "kg"),
    **dict.fromkeys(("gr", "gram", "grm", "г", "гр"), "g"),
}
# Day before month where both can be read, as most of the world writes; the reader is told.
TIME_FORMATS = tuple(
    f"{day}{clock}"
    for day in (
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%Y/%m/%d",
        "%d.%m.%y",
        "%m/%d/%y",
        "%Y%m%d",
    )
    for clock in ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p")
)


@dataclass(frozen=True)
class Marks:
    """The marks of written numbers; `told` is False where no number has one."""

    decimal: str = "."
    thousands: str = ""
    told: bool = False


def marks_of(texts: Iterable[str]) -> Marks:
    """Read the decimal mark and the thousands mark off written numbers.

    A mark that stands twice, or before the other one, groups thousands; a single one followed by other than three
    digits is the decimal mark. `1,234` alone decides nothing.
    """
    decimals, groups = dict.fromkeys(".,", 0), dict.fromkeys(".,' ", 0)
    for text in texts:
        number = re.sub(f"[{BLANKS}]", " ", text.strip().strip("+-"))
        if not re.fullmatch(r"[0-9][0-9.,' ]*", number):
            continue
        marks = [sign for sign in number if sign in groups]
        last = marks[-1] if marks else ""
        for sign in set(marks):
            if sign != last or marks.count(sign) > 1:
                groups[sign] += 1
        if last in decimals and marks.count(last) == 1:
            decimals[last] += len(number.rpartition(last)[2]) != 3 or len(set(marks)) > 1  # noqa: PLR2004 - digits of a group
    decimal = "," if decimals[","] > decimals["."] else "."
    thousands = max((sign for sign in groups if sign != decimal), key=groups.__getitem__)
    return Marks(decimal, thousands if groups[thousands] else "", any(decimals.values()))


def signs_of(texts: Iterable[str]) -> list[str]:
    """The currencies whose signs stand in written amounts."""
    return sorted({code for text in texts for sign, code in SIGNS.items() if sign in text})


def booleans_of(texts: Iterable[str]) -> tuple[dict[str, bool], list[str]]:
    """What words of a column of yes and no mean, and those that nobody knows."""
    words = sorted({text.strip().lower() for text in texts} - READ - {""})
    known = {word: word in YES for word in words if word in YES or word in NO}
    return known, [word for word in words if word not in known]


def units_of(texts: Iterable[str]) -> dict[str, str]:
    """Units of measure, in lower case, that are pieces, kilograms or grams under another name."""
    return {
        word: UNITS[word]
        for text in sorted(set(texts))
        if (word := text.strip().lower().rstrip(".")) in UNITS
    }


def encoding_of(blocks: Iterable[bytes]) -> str:
    """The encoding of a text: UTF-8 where it is that, else UTF-16 by its mark, else the Cyrillic or the Western code page.

    Words of Cyrillic have letters above 127 side by side, Western words have them one by one.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for number, block in enumerate(blocks):
        if number == 0 and block[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", block)]
            return "cp1251" if sum(runs) > 2 * len(runs) else "cp1252"
    return "utf-8"


def same_encoding(encodings: Collection[str]) -> str | None:
    """The one encoding in which all files can be read; None where there is none."""
    others = set(encodings) - {"utf-8"}
    return None if len(others) > 1 else next(iter(others), "utf-8")
