"""What earlier nights promised of suppliers' budgets: part of what a night is asked, because its choice depends on it."""

from collections.abc import Mapping
from typing import Any

from engine.programme import Programme
from engine.store import Store
from engine.store.nights.funded_offers import given_of_funders, promised_of_funders
from models.ground.moment import Moment
from models.sources import Data

_KEY = "promised_of_funders"


def promised_tonight(store: Store, data: Data, programme: Programme, as_of: Moment) -> dict[str, Any]:
    """The part of the request; empty where the shop says nothing of suppliers.

    A night that is started again after tills gave more than was expected has another request, and begins anew.
    """
    if data.fundings is None:
        return {}
    starts = programme.local_days(as_of.timezone).first_start(as_of.as_of)
    promised = promised_of_funders(store, starts, replacing=as_of.day, programme=programme.name)
    rows = [
        {"funder": funder, "agreement": agreement, "milli": milli}
        for (funder, agreement), milli in sorted(promised.items())
    ]
    return {_KEY: rows}


def given_so_far(store: Store, data: Data) -> dict[str, Any]:
    """What tills gave of each agreement until now, for the manifest; empty where the shop says nothing of suppliers."""
    if data.fundings is None:
        return {}
    given = given_of_funders(store)
    rows = [
        {"funder": funder, "agreement": agreement, "given_minor": minor}
        for (funder, agreement), minor in sorted(given.items())
    ]
    return {"given_of_funders": rows}


def promised_in_request(request: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """What was promised of each agreement, thousandths of a minor unit."""
    return {(one["funder"], one["agreement"]): one["milli"] for one in request.get(_KEY, ())}


def given_of(manifest: Mapping[str, Any], line: Mapping[str, Any]) -> int:
    """What tills had given of an agreement when the night was made, minor units."""
    names = ("funder", "agreement")
    return sum(
        one["given_minor"]
        for one in manifest.get("given_of_funders", ())
        if all(one[name] == line[name] for name in names)
    )
