"""What a night's policy is told of how customers respond to offers."""

import hashlib
from dataclasses import dataclass
from typing import Any

from models.ground.durable import readable_json
from models.ground.errors import BadArtifact
from models.response.exposure import Exposure
from models.response.price_response import PriceResponse
from models.response.visit_effects import VisitEffects


@dataclass(frozen=True)
class Knowledge:
    """What is known when a night begins; the same for all its customers.

    Attributes:
        digest: of everything in it, empty where nothing is known; a run is known by it as by its policy's fingerprint.
        price: what a discount changes of the item itself.
        visits: what savings do to visits.
        exposure: who may be exposed while that is not known.

    """

    digest: str
    price: PriceResponse | None = None
    visits: VisitEffects | None = None
    exposure: Exposure | None = None

    @classmethod
    def of(cls, price: PriceResponse, visits: VisitEffects, exposure: Exposure) -> "Knowledge":
        """All three, with their digest."""
        told = {"price": price.digest, "visits": visits.as_dict(), "exposure": exposure.as_dict()}
        return cls(hashlib.sha256(readable_json(told).encode()).hexdigest(), price, visits, exposure)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content; `read` takes it back. Raises ValueError where nothing is known."""
        if self.price is None or self.visits is None or self.exposure is None:
            raise ValueError("nothing is known that could be written")
        return {
            "price": self.price.as_dict(),
            "visits": self.visits.as_dict(),
            "exposure": self.exposure.as_dict(),
        }

    @classmethod
    def read(cls, told: Any) -> "Knowledge":
        """The inverse of `as_dict`; BadArtifact where it is none."""
        try:
            parts = told["price"], told["visits"], told["exposure"]
        except (LookupError, TypeError) as error:
            raise BadArtifact(
                f"The response was not written by this code: {error!r}; fit it again."
            ) from error
        price, visits, exposure = parts
        return cls.of(PriceResponse.read(price), VisitEffects.read(visits), Exposure.read(exposure))


NOTHING_KNOWN = Knowledge("")
