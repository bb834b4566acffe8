"""An experiment whose arms another engine drew: its customers keep that engine, or get our offers, and both are compared.

The arms are written at once, in one transaction with the offers, and stay: a later file adds customers and offers and moves
nobody. Whoever our own holdout has already drawn stays held out and is in neither arm.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from engine.domain.arms import Arm, DrawnAs
from engine.domain.experiments import IMPORTED_LAYER, INCUMBENT, OURS
from engine.domain.offer_errors import BadProgramme, BadRequest
from engine.store import Store
from engine.store.nights.assigned_arms import Placed, assign, assigned_among, leave_to_another
from engine.store.nights.foreign_offers import ForeignOffer, keep_foreign_offers
from engine.store.nights.kept_experiments import (
    KeptExperiment,
    all_experiments,
    begin_experiment,
    holdout_in_force,
)
from engine.store.nights.known_ids import customers_known_as, product_known_as
from engine.store.nights.published_products import published_shop
from models.ground.errors import BadInput
from models.ground.moment import Moment, local_midnight
from models.sources import Data
from models.tables import CUSTOMER_ID, PRODUCT_ID

_SHOWN = 3


@dataclass(frozen=True)
class Left:
    """Ids of a file that were left out, and why: at most a few of them, and how many there are."""

    why: str
    count: int
    such_as: Sequence[str]


@dataclass(frozen=True)
class Imported:
    """What an import wrote: new and known customers by arm, new and known offers, and what it left out."""

    about: KeptExperiment
    customers: Mapping[str, int]
    known: int
    offers: int
    known_offers: int
    crossed: int
    left: Sequence[Left] = field(default_factory=list)


@dataclass(frozen=True)
class Beginning:
    """How an imported experiment begins, by whoever imports it first: None where it has begun and is only added to.

    Attributes:
        starts: the cut of its first night, or the day since when both arms are served.
        weeks: planned length.
        ours_share: the share that was meant for our arm; None where nobody knows, so that counts cannot be checked.
    """

    starts: Moment | None
    weeks: int | None
    ours_share: float | None


def import_experiment(
    store: Store,
    data: Data,
    name: str,
    arms: Mapping[str, str],
    given: Sequence[ForeignOffer],
    beginning: Beginning,
) -> Imported:
    """Write arms and offers of another engine, all or nothing; what is there already stays as it is.

    Raises:
        BadInput: of the customers nobody is known, or one arm has nobody.
        BadRequest: it would begin on a day whose night was published, or says neither when nor how long, or another
            beginning than it had.
        BadProgramme: the name is another experiment's.
    """
    about = _found(store, name, beginning)
    left: list[Left] = []
    mine = customers_known_as(store, {*arms, *(one.customer_id for one in given)})
    new, placed = _placed(store, data, about, {mine[one]: arm for one, arm in arms.items()}, left)
    if about is None and set(new.values()) != {OURS, INCUMBENT}:
        raise BadInput(
            f"Of {len(arms):,} customers of the arms' file {len(new):,} can be compared, all of "
            f"{', '.join(sorted(set(new.values()))) or 'no arm'} ({_in_words(left)}); expected some of {OURS} and some of "
            f"{INCUMBENT}. Load the customers first, or correct the ids. Nothing was imported."
        )
    again = len(placed)
    if about is not None:
        others = [mine[one.customer_id] for one in given]
        placed |= {who: one.arm for who, one in assigned_among(store, about.number, others).items()}
    offers = _of_incumbents(store, data, given, mine, {**placed, **new}, left)
    definition = {} if about is not None else _definition(store, name, beginning, Counter(new.values()))
    with store.writing() as connection:
        number = about.number if about is not None else _begin(connection, name, definition)
        seen = datetime.fromisoformat(definition["starts"]) if about is None else _seen(store, about)
        assign(connection, number, [Placed(one, one, arm) for one, arm in sorted(new.items())], seen=seen)
        holdout = holdout_in_force(store)
        leaving = [one for one, arm in new.items() if arm == INCUMBENT]
        crossed = 0 if holdout is None else leave_to_another(connection, holdout.number, leaving)
        added = keep_foreign_offers(connection, number, offers)
    about = next(one for one in all_experiments(store) if one.name == name)
    return Imported(about, Counter(new.values()), again, added, len(offers) - added, crossed, left)


def _found(store: Store, name: str, beginning: Beginning) -> KeptExperiment | None:
    about = next((one for one in all_experiments(store) if one.name == name), None)
    if about is None:
        return None
    if about.layer != IMPORTED_LAYER:
        raise BadProgramme(
            f"There is an experiment {name} already, drawn by us; give the import another name."
        )
    since, weeks, starts = about.definition["since"], about.definition["weeks"], beginning.starts
    if (starts is not None and starts.day.isoformat() != since) or beginning.weeks not in (None, weeks):
        raise BadRequest(
            f"Experiment {name} began on {since} for {weeks} weeks and is never rewritten; leave --from and --weeks out to add "
            "to it, or give another name."
        )
    return about


def _placed(
    store: Store, data: Data, about: KeptExperiment | None, arms: Mapping[str, str], left: list[Left]
) -> tuple[dict[str, str], dict[str, str]]:
    """Customers who are new with their arm, and those whom an earlier file placed; who is left out is noted."""
    people = {
        name
        for bucket in range(data.buckets)
        for name in pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_ID])[CUSTOMER_ID]
    }
    _note(left, "customers not in the data", set(arms) - people)
    holdout = holdout_in_force(store)
    drawn = {} if holdout is None else assigned_among(store, holdout.number, list(arms))
    held = {name for name, place in drawn.items() if place.arm == Arm.HOLDOUT}
    _note(left, "customers whom our holdout has drawn, who stay in it", held)
    earlier = {} if about is None else assigned_among(store, about.number, list(arms))
    moved = {name for name, place in earlier.items() if place.arm != arms[name]}
    _note(left, "customers of another arm than in an earlier file, who stay in that", moved)
    new = {name: arm for name, arm in arms.items() if name in people - held - set(earlier)}
    return new, {name: place.arm for name, place in earlier.items()}


def _of_incumbents(
    store: Store,
    data: Data,
    given: Sequence[ForeignOffer],
    mine: Mapping[str, str],
    arms: Mapping[str, str],
    left: list[Left],
) -> list[ForeignOffer]:
    """The offers to customers of the incumbent's arm on known products, under the shop's ids."""
    known = {one: product_known_as(store, one) for one in {offer.product_id for offer in given}}
    products = set(pd.read_parquet(data.products, columns=[PRODUCT_ID])[PRODUCT_ID])
    found, strangers, others, unknown = list[ForeignOffer](), set[str](), set[str](), set[str]()
    for offer in given:
        customer, product = mine[offer.customer_id], known[offer.product_id]
        if customer not in arms:
            strangers.add(offer.customer_id)
        elif arms[customer] != INCUMBENT:
            others.add(offer.customer_id)
        elif product not in products:
            unknown.add(offer.product_id)
        else:
            found.append(offer._replace(customer_id=customer, product_id=product))
    _note(left, "products of offers not in the data", unknown)
    _note(left, "customers of offers in no arm", strangers)
    _note(left, f"customers of offers in arm {OURS}, whom the other engine should leave alone", others)
    return found


def _definition(store: Store, name: str, beginning: Beginning, counted: Mapping[str, int]) -> dict[str, Any]:
    starts, weeks, share = beginning.starts, beginning.weeks, beginning.ours_share
    if starts is None or weeks is None:
        raise BadRequest(
            f"Experiment {name} has not begun; say since when with --from and how long with --weeks."
        )
    last = published_shop(store)
    if last is not None and starts.as_of <= last.as_of:
        raise BadRequest(
            f"Experiment {name} cannot begin on {starts.day.isoformat()}: run {last.run_id} was published for then or later, "
            "and it served customers of either arm. Name a later night with --from."
        )
    ends = local_midnight(starts.day + timedelta(weeks=weeks), starts.timezone)
    ours = counted[OURS] / sum(counted.values()) if share is None else share
    return {
        "hypothesis": "Our offers bring more than those of the engine that the shop has used so far.",
        "weeks": weeks,
        "since": starts.day.isoformat(),
        "until": ends.day.isoformat(),
        "starts": starts.as_of.isoformat(),
        "ends": ends.as_of.isoformat(),
        "metric": "margin",
        "guards": [],
        "stop": "any_look",
        "shares_told": share is not None,
        "places": [],
        "arms": [
            {"name": INCUMBENT, "share": 1 - ours, "changes": {}},
            {"name": OURS, "share": ours, "changes": {}},
        ],
    }


def _begin(connection: Connection, name: str, definition: Mapping[str, Any]) -> int:
    return begin_experiment(
        connection,
        name=name,
        layer=IMPORTED_LAYER,
        drawn_as=DrawnAs.CUSTOMER,
        salt=f"imported/{name}",
        definition=definition,
        started=datetime.fromisoformat(definition["starts"]),
    )


def _seen(store: Store, about: KeptExperiment) -> datetime:
    """Since when a customer of a later file counts: the last night, which served them by the programme still."""
    last = published_shop(store)
    return about.started if last is None else max(about.started, last.as_of)


def _note(left: list[Left], why: str, names: Collection[str]) -> None:
    if names:
        left.append(Left(why, len(names), tuple(sorted(names)[:_SHOWN])))


def _in_words(left: Sequence[Left]) -> str:
    return (
        "; ".join(f"{one.why}: {one.count:,}, such as {', '.join(one.such_as)}" for one in left)
        or "all known"
    )
