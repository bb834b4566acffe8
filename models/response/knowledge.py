"""What a night's policy is told of how customers respond to offers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Knowledge:
    """What is known when a night begins; the same for all its customers.

    Attributes:
        digest: of everything in it, empty where nothing is known; a run is known by it as by its policy's fingerprint.

    """

    digest: str


NOTHING_KNOWN = Knowledge("")
