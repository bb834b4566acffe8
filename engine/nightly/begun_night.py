"""A night's beginning, the same for the one that is published and the one that only says what it would be."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.policy import Policy
from engine.nightly.context import NightContext, context_of
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.identity import request_of
from engine.nightly.in_force.funders_promised import promised_tonight
from engine.nightly.in_force.response_in_force import response_of_night
from engine.nightly.in_force.tried_tonight import TriedTonight
from engine.nightly.shelf.usual_store import require_stores
from engine.programme import Programme, effective_text
from engine.store import Store
from engine.store.nights.recalls import recalled_now
from engine.store.nights.told_stock import sold_out_everywhere
from engine.wording.language_files import OwnWording, load_sentences
from models.features.catalogue import build_catalogue
from models.ground.moment import Moment
from models.sources import Data, open_data


@dataclass(frozen=True)
class NightRules:
    """By which rules a night goes: as TOML and read, the policy and, where the shop has some, its own sentences."""

    programme_text: str
    programme: Programme
    policy: Policy
    wording: OwnWording | None


class BegunNight(NamedTuple):
    """A night's context, everything that its result depends on, and what is known of response."""

    context: NightContext
    request: dict[str, Any]
    response: dict[str, Any]


def begin_night(
    workspace: Path,
    run_id: str,
    as_of: Moment,
    asked: NightRules,
    store: Store,
    trials: TriedTonight,
    *,
    read_from: Path,
) -> BegunNight:
    """Name everything that a night depends on and begin its run folder in a workspace.

    Args:
        workspace: where the run folder goes.
        run_id: its name.
        as_of: nothing at or after it is known to the night.
        asked: its rules.
        store: of the day.
        trials: experiments that run.
        read_from: the workspace whose models and former runs count.

    Raises:
        BadInput, BadArtifact, BadProgramme: as `engine.nightly.run.run`.
        StoreUnreachable: the store cannot be asked.

    """
    programme, wording = asked.programme, asked.wording
    data = open_data(read_from)
    own = None if wording is None else load_sentences(programme.language, wording)
    knowledge, response = response_of_night(read_from, programme, asked.policy, store, as_of)
    request = request_of(read_from, run_id, as_of, data, programme, asked.policy, own, knowledge) | response
    if trials.running:
        request |= {"experiments": trials.as_request()}
    if recalled := sorted(recalled_now(store, as_of.as_of)):
        request |= {"recalled": recalled}
    if told := sold_out_everywhere(store):
        # What was told after the data's cut counts whatever they say of stock, the rest where they say nothing.
        request |= {"told_sold_out": {name: at >= as_of.as_of for name, at in told.items()}}
    request |= promised_tonight(store, data, programme, as_of)
    _require_enough_items(data, programme)
    require_stores(data, programme)
    folder = RunFolder.of(workspace, run_id)
    folder.begin(request, effective_text(asked.programme_text), None if wording is None else wording.text)
    return BegunNight(
        context_of(workspace, run_id, json.dumps(request, sort_keys=True)), request, dict(response)
    )


def _require_enough_items(data: Data, programme: Programme) -> None:
    """A shop with fewer items than a bundle has places can give nobody one, whatever the night finds out."""
    items = len(build_catalogue(pd.read_parquet(data.products), programme.prediction.item_level))
    if items < programme.bundle.min_items:
        raise BadProgramme(
            f"bundle.min_items is {programme.bundle.min_items}, but the shop has {items} "
            f"{'item' if items == 1 else 'items'} to offer, so that nobody could have a bundle: lower it (and what [bundle] "
            "and [novelty] say beside it), or load more products."
        )
