"""Policies by name: those that are shipped, and those that installed distributions give through entry points.

A distribution gives a policy by an entry point of the group `abonement.policies`, under the policy's name; it is
loaded when a programme, or a run that is verified, names it, and not before.
"""

from importlib.metadata import EntryPoint, entry_points

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.policy import Policy, depth_rule, no_offers
from engine.programme import Programme

GROUP = "abonement.policies"
SHIPPED = {policy.name: policy for policy in (depth_rule, no_offers)}


def policy_of(programme: Programme) -> Policy:
    """The policy that a programme chooses, with its parameters.

    Raises:
        BadProgramme: see `named_policy`; or the policy has no such parameter, or not of such a value.

    """
    return named_policy(programme.policy.name).with_parameters(programme.policy.parameters)


def named_policy(name: str) -> Policy:
    """The policy of that name, with its default parameters.

    Raises:
        BadProgramme: there is none, more than one distribution gives it, one takes the name of a shipped one, or
            what it gives is no policy of that name.

    """
    installed = entry_points(group=GROUP)
    given = [point for point in installed if point.name == name]
    if len(given) > 1 or (given and name in SHIPPED):
        by = " and ".join([*(["this version itself"] if name in SHIPPED else []), *map(_giver, given)])
        raise BadProgramme(f"The policy {name!r} is given by {by}; keep one of them, or rename one.")
    if given:
        return _loaded(given[0])
    if name in SHIPPED:
        return SHIPPED[name]
    others = ", ".join(sorted(installed.names)) or "none"
    raise BadProgramme(
        f"There is no policy {name!r}: shipped are {', '.join(sorted(SHIPPED))}, installed distributions give {others}. "
        "Write one of these as policy.name, or install the distribution that gives it."
    )


def _loaded(point: EntryPoint) -> Policy:
    try:
        found = point.load()
    except Exception as error:  # whatever a foreign module raises while it is imported
        raise BadProgramme(
            f"The policy {point.name!r} of {_giver(point)} cannot be loaded ({type(error).__name__}: {error}); mend or "
            "reinstall that distribution."
        ) from error
    if not isinstance(found, Policy) or found.name != point.name:
        came = f"the policy {found.name!r}" if isinstance(found, Policy) else f"a {type(found).__name__}"
        raise BadProgramme(
            f"Expected a policy called {point.name!r} at {point.value} of {_giver(point)}, found {came}; correct its "
            f"entry point of the group {GROUP}."
        )
    return found


def _giver(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "a distribution without a name"
