"""Which other programmes of the shop customers may have bundles of tonight, and whether this one can stand beside them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.domain.offer_errors import BadProgramme
from engine.programme import Programme, differing_rules, kept_rules
from engine.store import Store
from engine.store.nights.published_products import published_shops
from models.ground.moment import Moment

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class InForce:
    """A programme whose bundles may be valid: its newest run, and where it differs from tonight's in what both should say alike."""

    name: str
    run_id: str
    differs: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content for the manifest."""
        return {"run_id": self.run_id, "differs": list(self.differs)}


def programmes_beside(store: Store, programme: Programme, as_of: Moment) -> tuple[InForce, ...]:
    """The shop's other programmes, by name; none where it runs one.

    Raises:
        BadProgramme: the holdout of one of them would end, or others would be drawn, or offers would be on another item level.
        StoreUnreachable: the database does not answer.
    """
    found = []
    for name, shop in sorted(published_shops(store).items()):
        rules = kept_rules(shop.programme, f"the programme of run {shop.run_id}").programme
        # a bundle begins with the first day after its night's cut
        is_over = as_of.as_of >= shop.as_of + (rules.validity.max_days + 1) * _DAY
        if name == programme.name or is_over:
            continue
        if strict := differing_rules(programme, rules, strict=True):
            raise BadProgramme(
                f"{called(programme.name)} cannot stand beside {called(name)}, in force by run {shop.run_id}: "
                f"{'; '.join(strict)}. The shop has one holdout and one kind of item; write the same as there."
            )
        found.append(InForce(name, shop.run_id, tuple(differing_rules(programme, rules))))
    return tuple(found)


def called(name: str) -> str:
    """How a sentence names a programme."""
    return f"programme {name}" if name else "the programme without a name"
