"""What a command leaves with: the one place that maps an error to an exit code.

0 done, 1 a fault of ours, 2 bad input, 3 refused by the guard, as the worse model, a programme with doubts, or while offers are stopped, 69 store unreachable, 73 cannot
write, 75 busy, 130 interrupted. 69, 73 and 75 are BSD's EX_UNAVAILABLE, EX_CANTCREAT and EX_TEMPFAIL.
"""

import errno

from models.ground.errors import (
    AbonementError,
    Busy,
    CannotWrite,
    GuardRefused,
    OffersStopped,
    StoreBusy,
    StoreUnreachable,
    WorkerLost,
    Worse,
)

FAULT = 1
BAD_INPUT = 2
INTERRUPTED = 130
REFUSED = 3
_STORE_UNREACHABLE, _CANNOT_WRITE, _BUSY = 69, 73, 75
# What is not named has the code of its root.
_CODES: dict[type[BaseException], int] = {
    AbonementError: BAD_INPUT,
    Worse: REFUSED,
    GuardRefused: REFUSED,
    OffersStopped: REFUSED,
    StoreUnreachable: _STORE_UNREACHABLE,
    CannotWrite: _CANNOT_WRITE,
    Busy: _BUSY,
    StoreBusy: _BUSY,
    WorkerLost: _BUSY,
    KeyboardInterrupt: INTERRUPTED,
}
_UNWRITABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.ENOTDIR,  # a file stands where a folder should be
    errno.EEXIST,
    errno.EISDIR,
}


def exit_code_of(error: BaseException, refusals: tuple[type[Exception], ...] = ()) -> int:
    """The exit code for an error; 1 for a fault of ours, which keeps its traceback.

    Args:
        error: what ended a command.
        refusals: roots of other trees than `models.ground.errors` that mean bad input.
    """
    if isinstance(error, refusals):
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        return _CANNOT_WRITE
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), FAULT)
