"""Names and counts as a person says them."""


def readable(name: str) -> str:
    """`BANANAS` becomes `Bananas`; a name that has small letters is left as the shop wrote it."""
    return name.capitalize() if name.isupper() else name


def counted(number: int, one: str, other: str) -> str:
    """`1 visit`, `2 visits`, `0 visits`."""
    return f"{number} {one if number == 1 else other}"
