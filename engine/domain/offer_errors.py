"""What the programme's rules do not allow: the refusals of the domain itself.

    OfferError
    |- BadProgramme   programme.toml asks for something impossible or unknown
    |- BadRequest     an argument of a rule is not what was expected
    `- Refused        understood, and not granted: no such offer, used already, key without scope

What goes wrong with data, folders, stores and commands is drawn in `models.ground.errors`. The domain knows no exit
codes and no HTTP: `models.ground.exit_codes` and `engine.serving.http.problems` say what becomes of an error.

Every message is one sentence or two: what was expected, what came, what to do.
"""


class OfferError(Exception):
    """Root of the domain's refusals, which a person should read as a sentence, without a traceback."""


class BadProgramme(OfferError):
    """`programme.toml` asks for something impossible or unknown."""


class BadRequest(OfferError):
    """An argument of a rule is not what was expected."""


class Refused(OfferError):
    """A request that is understood and not granted; `key` is stable and compared by programs.

    The sentence names no customer: it is shown to whoever asked.
    """

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
