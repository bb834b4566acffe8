"""Whether everybody is still in the arm that the experiment's frozen salt draws: who is not was moved by somebody."""

from engine.domain.arms import arm_of, salt_from
from engine.domain.experiments import IMPORTED_LAYER
from engine.store.database.store import Store
from engine.store.nights.assigned_arms import drawn_places
from engine.store.nights.kept_experiments import HOLDOUT_LAYER, KeptExperiment, as_running


def redrawn(store: Store, one: KeptExperiment) -> int:
    """How many customers are not in the arm that the frozen salt draws for the name they were seen under."""
    if one.layer == IMPORTED_LAYER:  # drawn by another engine, by a salt that nobody told
        return 0
    places = drawn_places(store, one.number)
    if one.layer == HOLDOUT_LAYER:
        salt, share = salt_from(one.salt), one.definition["share"]
        return sum(arm_of(unit, salt, share) != arm for unit, arm in places)
    running = as_running(one)
    return sum(running.draw(unit) != arm for unit, arm in places)
