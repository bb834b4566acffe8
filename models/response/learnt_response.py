"""All that a shop's purchases and lots have told of how its customers respond: what a version of the response holds.

Sums and coefficients only, no customer.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from models.ground.durable import readable_json
from models.ground.errors import BadArtifact
from models.response.exposed_weeks import LotSums
from models.response.exposure import Exposure
from models.response.knowledge import Knowledge
from models.response.price_response import PriceResponse
from models.response.visit_effects import VisitEffects
from models.response.visit_hazard import VisitHazard

FORMAT = 3  # 1 held the price response alone, 2 no traces of bundles


@dataclass(frozen=True)
class LearntResponse:
    """What is known of a shop.

    Attributes:
        price: what a discount changes of the item itself.
        prior: what was believed of savings and visits before the first lot, by the shop's own trip.
        sums: of its lots.
        hazard: the rhythm that lots were measured against; None where the shop's days were too few to tell one.
        exposure: where learning stands; None before the first night that learnt.
    """

    price: PriceResponse
    prior: VisitEffects
    sums: LotSums
    hazard: VisitHazard | None
    exposure: Exposure | None

    @property
    def effects(self) -> VisitEffects:
        """What is believed of savings and visits now."""
        return self.sums.effects(self.prior)

    def knowledge(self, exposure: Exposure) -> Knowledge:
        """What a night is told."""
        return Knowledge.of(self.price, self.effects, exposure)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content; `read` takes it back."""
        return {
            "format": FORMAT,
            "price": self.price.as_dict(),
            "prior": self.prior.as_dict(),
            "sums": self.sums.as_dict(),
            "hazard": None if self.hazard is None else self.hazard.as_dict(),
            "exposure": None if self.exposure is None else self.exposure.as_dict(),
        }

    @classmethod
    def read(cls, told: Any) -> "LearntResponse":
        """The inverse of `as_dict`; BadArtifact where it is none."""
        try:
            if told["format"] != FORMAT:
                raise BadArtifact(
                    f"The response has format {told['format']!r}, this code reads {FORMAT}; fit it again."
                )
            return cls(
                PriceResponse.read(told["price"]),
                VisitEffects.read(told["prior"]),
                LotSums.read(told["sums"]),
                None if told["hazard"] is None else VisitHazard.read(told["hazard"]),
                None if told["exposure"] is None else Exposure.read(told["exposure"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise BadArtifact(
                f"The response was not written by this code ({type(error).__name__}: {error}); fit it again."
            ) from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its JSON, hexadecimal."""
        return hashlib.sha256(readable_json(self.as_dict()).encode()).hexdigest()
