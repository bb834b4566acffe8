"""What can go wrong with data, models, folders, stores, nights, workers and commands.

    AbonementError             exit code
    |- BadInput                 2   a file, column, value or argument is not what was expected
    |- BadArtifact              2   a model folder is corrupt, tampered with, or of another recipe
    |- StoreTooNew              2   the database was made by a newer version
    |- Worse                    3   a version is significantly worse than the one it would replace
    |- GuardRefused             3   the night looks wrong and was not published
    |- OffersStopped            3   the shop has stopped all personal offers, so that no night is published
    |- StoreUnreachable        69   the database does not answer
    |- CannotWrite             73   the disk is full or a folder is read-only
    |- Busy                    75   another process holds the workspace
    |- StoreBusy               75   other writers are in the way, the same transaction may pass a moment later
    `- WorkerLost              75   the system ended a worker twice; what was finished before stays

Beside it stands the tree of the domain's own refusals, `engine.domain.offer_errors`. `models.ground.exit_codes` maps
both to the exit codes.

Every message is one sentence or two: what was expected, what came, what to do.
"""


class AbonementError(Exception):
    """Root of the errors that a person should read as a sentence, without a traceback."""


class BadInput(AbonementError):
    """A file, a column, a value or an argument is not what was expected."""


class BadArtifact(AbonementError):
    """A model folder is corrupt, tampered with, or made for another recipe or level."""


class StoreTooNew(AbonementError):
    """The database was made by a newer version of the engine."""


class Worse(AbonementError):
    """A version is significantly worse than the one it would replace."""


class GuardRefused(AbonementError):
    """The night looks wrong and was not published; `run_id` is the run that was refused."""

    def __init__(self, sentence: str, run_id: str) -> None:
        super().__init__(sentence)
        self.run_id = run_id


class OffersStopped(AbonementError):
    """The shop has stopped all personal offers, so that no night is published."""


class StoreUnreachable(AbonementError):
    """The database does not answer."""


class CannotWrite(AbonementError):
    """The disk is full or a folder is read-only; nothing half-written was left in place."""


class Busy(AbonementError):
    """Another process holds the workspace."""


class StoreBusy(AbonementError):
    """Other writers are in the way; nothing was written, and the same transaction may pass a moment later."""


class WorkerLost(AbonementError):
    """The system ended a worker process, alone and beside others."""
