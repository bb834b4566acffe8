"""A holdout that is in force is not drawn anew by the way: another seed ends the comparison that it is for."""

import tomllib

from engine.domain.offer_errors import BadProgramme
from engine.programme import Programme
from engine.store import Store
from engine.store.nights.published_products import published_shop


def require_same_holdout(store: Store, programme: Programme) -> None:
    """Refuse a seed that would move customers between the arms while some are held out.

    The last published night says which holdout is in force. A night that holds nobody out ends it.

    Raises:
        BadProgramme: tonight's seed is another one, and both nights hold customers out.
        StoreUnreachable: the database does not answer.
    """
    last = published_shop(store)
    if last is None or programme.holdout.share == 0:
        return
    former = tomllib.loads(last.programme)  # read as it is: an earlier release may have known other rules
    seed, share = former["seed"], former["holdout"]["share"]
    if share > 0 and seed != programme.seed:
        raise BadProgramme(
            f"The programme has seed = {programme.seed}, but run {last.run_id} holds customers out by seed = {seed}; "
            "another seed draws the holdout anew and ends the comparison that it is for. "
            f"Write seed = {seed} again; to begin a new holdout on purpose, publish a night with holdout.share = 0 first."
        )
