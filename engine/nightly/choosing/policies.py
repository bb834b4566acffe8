"""Policies by name: those that are shipped, those that installed distributions give, and what the owner points at.

A distribution gives a policy by an entry point of the group `abonement.policies`, under the policy's name. `module:name`
points at a policy, or at the function of one, in a module that is installed or on PYTHONPATH.
"""

import inspect
from dataclasses import replace
from types import FunctionType

from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.offer_options import INPUTS
from engine.nightly.choosing.policy import Policy, depth_rule, no_offers
from engine.nightly.choosing.pull import pull
from engine.nightly.choosing.value_policy import value
from engine.programme import Programme
from models.ground.errors import BadInput
from models.ground.plug_ins import POLICIES, imported, installed_names, installed_plug_in

SHIPPED = {policy.name: policy for policy in (depth_rule, no_offers, pull, value)}


def policy_of(programme: Programme) -> Policy:
    """The policy that a programme chooses, with its parameters.

    Raises:
        BadProgramme: see `named_policy`; or the policy has no such parameter, or not of such a value.

    """
    return named_policy(programme.policy.name).with_parameters(programme.policy.parameters)


def chosen_policy(programme: Programme, asked: str | None) -> Policy:
    """The policy that is asked for by name, else the programme's; the same name has the programme's parameters."""
    return policy_of(programme) if asked in {None, programme.policy.name} else named_policy(str(asked))


def named_policy(name: str) -> Policy:
    """The policy of that name, with its default parameters.

    Args:
        name: of a shipped or an installed policy, or `module:name`.

    Raises:
        BadProgramme: there is none, more than one distribution gives it, one takes the name of a shipped one, or
            what it gives is no policy of that name.

    """
    try:
        if ":" in name:
            return _pointed_at(name)
        given = installed_plug_in(POLICIES, name, Policy, "policy", shipped=SHIPPED)
    except BadInput as error:
        raise BadProgramme(str(error)) from error
    if given is not None:
        return given
    if name in SHIPPED:
        return SHIPPED[name]
    raise BadProgramme(
        f"There is no policy {name!r}: shipped are {', '.join(sorted(SHIPPED))}, installed distributions give "
        f"{installed_names(POLICIES)}. Write one of these as policy.name, or install the distribution that gives it."
    )


def _pointed_at(reference: str) -> Policy:
    """A policy called as the owner wrote it, so that runs name it as it can be found again.

    A function is a policy that is shown everything; its arguments after the options are the parameters.
    """
    found = imported(reference, "policy")
    if isinstance(found, Policy):
        return replace(found, name=reference)
    if not isinstance(found, FunctionType):
        raise BadInput(
            f"Expected a policy, or the function of one, at {reference}, found a {type(found).__name__}; point at another name."
        )
    taken = [*inspect.signature(found).parameters.values()]
    others = {one.name: one.default for one in taken[1:]}
    if not taken or inspect.Parameter.empty in others.values():
        raise BadInput(
            f"Expected a function of the options, whose other arguments have defaults, at {reference}, found "
            f"{inspect.signature(found)}; correct the function."
        )
    return Policy(reference, found, INPUTS, others)
