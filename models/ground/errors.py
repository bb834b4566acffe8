"""What can go wrong with data, models and the folders they live in.

    AbonementError             exit code
    |- BadInput                 2   a file, column, value or argument is not what was expected
    |- BadArtifact              2   a model folder is corrupt, tampered with, or of another recipe
    |- Worse                    3   a version is significantly worse than the one it would replace
    |- CannotWrite             73   the disk is full or a folder is read-only
    |- Busy                    75   another process holds the workspace
    |- WorkerLost              75   the system ended a worker twice; what was finished before stays

Every message is one sentence or two: what was expected, what came, what to do.
"""

from typing import ClassVar


class AbonementError(Exception):
    """Root of the errors that a person should read as a sentence, without a traceback."""

    exit_code: ClassVar[int] = 2


class BadInput(AbonementError):
    """A file, a column, a value or an argument is not what was expected."""


class BadArtifact(AbonementError):
    """A model folder is corrupt, tampered with, or made for another recipe or level."""


class Worse(AbonementError):
    """A version is significantly worse than the one it would replace."""

    exit_code = 3


class CannotWrite(AbonementError):
    """The disk is full or a folder is read-only; nothing half-written was left in place."""

    exit_code = 73


class Busy(AbonementError):
    """Another process holds the workspace."""

    exit_code = 75


class WorkerLost(AbonementError):
    """The system ended a worker process, alone and beside others."""

    exit_code = 75
