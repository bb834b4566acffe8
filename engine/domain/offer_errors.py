"""What can go wrong with offers, the programme and the store.

    OfferError                 exit code
    |- BadProgramme             2   programme.toml asks for something impossible or unknown
    |- BadRequest               2   an argument is not what was expected
    |- Refused                  2   understood, and not granted: no such offer, used already, key without scope
    |- StoreTooNew              2   the database was made by a newer version
    |- GuardRefused             3   the night looks wrong and was not published
    |- StoreUnreachable        69   the database does not answer
    |- CannotWrite             73   the disk is full or a folder is read-only
    |- StoreBusy               75   other writers are in the way, the same transaction may pass a moment later

Every message is one sentence or two: what was expected, what came, what to do.
"""

from typing import ClassVar


class OfferError(Exception):
    """Root of the errors that a person should read as a sentence, without a traceback."""

    exit_code: ClassVar[int] = 2


class BadProgramme(OfferError):
    """`programme.toml` asks for something impossible or unknown."""


class BadRequest(OfferError):
    """An argument is not what was expected."""


class Refused(OfferError):
    """A request that is understood and not granted; `key` is stable and compared by programs.

    The sentence names no customer: it is shown to whoever asked.
    """

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class StoreTooNew(OfferError):
    """The database was made by a newer version of the engine."""


class GuardRefused(OfferError):
    """The night looks wrong and was not published; `run_id` is the run that was refused."""

    exit_code = 3

    def __init__(self, sentence: str, run_id: str) -> None:
        super().__init__(sentence)
        self.run_id = run_id


class StoreUnreachable(OfferError):
    """The database does not answer."""

    exit_code = 69


class StoreBusy(OfferError):
    """Other writers are in the way; nothing was written, and the same transaction may pass a moment later."""

    exit_code = 75


class CannotWrite(OfferError):
    """The disk is full or a folder is read-only."""

    exit_code = 73
