"""Lines of the budget: what is planned beside the programme's [budget], from an amount of its own.

Customers of a night are planned in cells, everybody in the same arms; those whose offers are paid from a line are a cell of
their own beside it, so that neither spends what the other saves.
"""

WIN_BACK = "win_back"
THANK_YOU = "thank_you"
COMPENSATION = "compensation"
# Not in the name of an experiment or an arm, so that a cell's label is told from its line's.
_SEPARATOR = "/"


def line_label(cell: str, line: str) -> str:
    """The label of those of a cell whose offers a line pays."""
    return f"{cell}{_SEPARATOR}{line}"


def cell_of(label: str) -> str:
    """The cell whose rules they go by; of a label without a line the label itself."""
    return label.partition(_SEPARATOR)[0]


def line_of(label: str) -> str | None:
    """The line that pays; None for the programme's [budget]."""
    return label.partition(_SEPARATOR)[2] or None


def as_booked(line: str) -> str:
    """How the ledger of grants calls a line of [rules]: people may give the same kinds, from lines of their own."""
    return f"rules.{line}"
