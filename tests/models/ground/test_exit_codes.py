import errno
import inspect
import re

import pytest

from engine.domain.offer_errors import BadProgramme, OfferError
from engine.settings import BadSettings
from models.ground import errors
from models.ground.errors import BadInput, Busy, GuardRefused, StoreBusy, StoreUnreachable
from models.ground.exit_codes import exit_code_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("x"), 2),
        (BadSettings("x"), 2),
        (GuardRefused("x", "run-1"), 3),
        (StoreUnreachable("x"), 69),
        (OSError(errno.ENOSPC, "full"), 73),
        (Busy("x"), 75),
        (StoreBusy("x"), 75),
        (KeyboardInterrupt(), 130),
        (OSError(errno.ECONNRESET, "a fault of ours"), 1),
        (ValueError("a fault of ours"), 1),
    ],
)
def test_every_failure_has_its_exit_code(error: BaseException, code: int) -> None:
    assert exit_code_of(error) == code


def test_a_refusal_of_the_rules_is_bad_input_where_its_root_is_named() -> None:
    assert exit_code_of(BadProgramme("x"), (OfferError,)) == 2
    assert exit_code_of(BadProgramme("x")) == 1


def test_the_drawn_tree_names_every_error_with_its_exit_code() -> None:
    drawn = re.findall(r"[|`]- (\w+) +(\d+)  ", str(errors.__doc__))
    kinds = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind is not errors.AbonementError
    }
    known = {name: exit_code_of(kind.__new__(kind)) for name, kind in kinds.items()}
    assert {name: int(code) for name, code in drawn} == known
