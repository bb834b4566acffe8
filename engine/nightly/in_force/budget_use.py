"""What tills gave, as a night's budget finds it: kept in the run folder, so that the night can be computed again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from engine.domain.budget import MILLI, period_around
from engine.domain.expected_use import (
    AS_EXPECTED,
    KindOfOffers,
    Promised,
    committed_by_use,
    overspend_chance,
    use_factors,
)
from engine.nightly.night import Night
from engine.store import Store
from engine.store.nights.offer_use import over_kinds, promised_in

# Bundles that ended so long ago tell how offers are used: enough of them, and still the same tills.
LOOK_BACK = timedelta(days=28)


@dataclass(frozen=True)
class BudgetUse:
    """What a night reads of the store about money; `factor_bp` is empty where the programme or the tills say nothing."""

    over: Mapping[str, KindOfOffers]
    promised: Promised
    factor_bp: Mapping[str, int] = field(default_factory=lambda: dict(AS_EXPECTED))

    @property
    def committed_milli(self) -> int:
        """What the period has promised."""
        return committed_by_use(self.promised, self.factor_bp)

    def as_dict(self) -> dict[str, Any]:
        """As the run folder keeps it."""
        return asdict(self)

    def overspend_chance(self, amount_minor: int, tonight: Mapping[str, KindOfOffers]) -> float:
        """The chance that the period's promises, tonight's among them, cost more than its amount."""
        kinds = {*self.promised.open_kinds, *tonight}
        none = KindOfOffers()
        to_come = {kind: self.promised.open_kinds.get(kind, none) + tonight.get(kind, none) for kind in kinds}
        seen = sum(sums.uses for sums in self.over.values()) if self.factor_bp else 0.0
        chance = overspend_chance(
            amount_minor * MILLI, self.promised.over_milli, to_come, self.factor_bp, seen
        )
        return round(chance, 4)


def look_at_use(store: Store, night: Night, replacing: date) -> BudgetUse:
    """Read what became of the programme's offers; `replacing` leaves out what a new attempt for that night replaces."""
    rules, at, mine = night.programme.budget, night.valid_from, night.programme.name
    starts, ends = period_around(at, rules.period, night.days)
    over = over_kinds(store, at - LOOK_BACK, at, programme=mine)
    promised = promised_in(store, starts, ends, at, replacing=replacing, programme=mine)
    return BudgetUse(over, promised, use_factors(over) if rules.from_tills else AS_EXPECTED)
