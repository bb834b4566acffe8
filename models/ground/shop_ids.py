"""What may be the id of a customer, a product, a store, a till, a basket or a write: one rule, from the load to the API.

An id goes into paths, headers, both databases and logs, and must come out of all of them as it went in. PostgreSQL
holds no NUL, UTF-8 no half of a surrogate pair; proxies and clients decode, join and resolve slashes and dots of a path,
also where they are percent-encoded; a blank at an end is lost wherever somebody trims.
"""

import re

LONGEST_ID = 128
# Written so that Python, ECMAScript (JSON Schema) and RE2 (DuckDB) read it alike.
_NEVER = "\\x00-\\x1f\\x7f-\\x9f\u2028\u2029/\\\\"
CONTROL = "[\\x00-\\x1f\\x7f-\\x9f]"
_BLANK = " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff"
_INNER, _END, _NO_DOT = f"[^{_NEVER}]", f"[^{_NEVER}{_BLANK}]", f"[^{_NEVER}{_BLANK}.]"
# Whatever its length: one or two characters that are not `.` or `..`, or more with no blank at either end.
ID_PATTERN = f"^(?:{_NO_DOT}{_END}?|[.]{_NO_DOT}|{_END}{_INNER}+{_END})$"
ID_RULE = f"an id has 1 to {LONGEST_ID} characters, none of them a control character, / or \\, no blank at an end, and is not . or .."
_ID = re.compile(ID_PATTERN)
# An id of digits, with leading zeros or a fraction of nothing; the group is the number (RE2 and Python).
NUMBER_PATTERN = "^0*([0-9]+)(\\.0*)?$"
_NUMBER = re.compile(NUMBER_PATTERN, re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_id(text: str) -> bool:
    """Tell whether a text may be an id; `ID_RULE` says in words what it must be."""
    return len(text) <= LONGEST_ID and _ID.fullmatch(text) is not None and _SURROGATE.search(text) is None


def bare_number(text: str) -> str:
    """An id of digits without leading zeros and without a fraction of nothing; any other as it is."""
    return _NUMBER.sub(r"\1", text)


def no_id(column: str) -> str:
    """SQL (DuckDB): true for a text that may not be an id; null for null. Its texts have no surrogates."""
    return f"(length({column}) > {LONGEST_ID} OR NOT regexp_full_match({column}, '{ID_PATTERN}'))"
