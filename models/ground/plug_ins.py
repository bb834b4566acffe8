"""Code that the owner installed beside ours: found by its name, and told from other code of that name by its source.

A distribution gives a plug-in by an entry point of one of our groups, under the plug-in's name. It is loaded when a
profile, a programme, a version or a run names it, and not before.
"""

import math
from collections.abc import Callable, Collection, Mapping
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any, TypeVar

from models.ground.code import digest_behind
from models.ground.errors import BadInput

FEATURES, MODELS, POLICIES = "abonement.features", "abonement.models", "abonement.policies"

# Whose code a night's own identity covers: what is from there is told apart by its own file.
_OURS = frozenset({"engine", "models"})
PlugIn = TypeVar("PlugIn")


def installed_plug_in(
    group: str, name: str, kind: type[PlugIn], word: str, *, shipped: Collection[str] = ()
) -> PlugIn | None:
    """What a distribution gives under a name; None where nobody gives it.

    Args:
        group: of entry points.
        name: the entry point's, which is the plug-in's own (`name`).
        kind: class of the plug-in.
        word: what a person calls such a thing.
        shipped: names that are ours.

    Raises:
        BadInput: more than one distribution gives it, one takes the name of ours, or what it gives is none of that
            name, or cannot be loaded.

    """
    given = [point for point in entry_points(group=group) if point.name == name]
    if len(given) > 1 or (given and name in shipped):
        by = " and ".join([*(["this version itself"] if name in shipped else []), *map(_giver, given)])
        raise BadInput(f"The {word} {name!r} is given by {by}; keep one of them, or rename one.")
    if not given:
        return None
    (point,) = given
    try:
        found = point.load()
    except Exception as error:  # whatever a foreign module raises while it is imported
        raise BadInput(
            f"The {word} {name!r} of {_giver(point)} cannot be loaded ({type(error).__name__}: {error}); mend or "
            "reinstall that distribution."
        ) from error
    if not isinstance(found, kind) or getattr(found, "name", None) != name:
        came = f"the {word} {found.name!r}" if isinstance(found, kind) else f"a {type(found).__name__}"  # type: ignore[attr-defined]
        raise BadInput(
            f"Expected a {word} called {name!r} at {point.value} of {_giver(point)}, found {came}; correct its "
            f"entry point of the group {group}."
        )
    return found


def installed_names(group: str) -> str:
    """Names that distributions give in a group, as a sentence lists them."""
    return ", ".join(sorted(entry_points(group=group).names)) or "none"


def imported(reference: str, word: str) -> object:
    """What the owner names as `module:name`.

    The module is installed or on PYTHONPATH: our commands do not look into the folder that they are started in.

    Raises:
        BadInput: there is no such module or nothing of that name in it, or importing it fails.

    """
    module, _, name = reference.partition(":")
    try:
        return getattr(import_module(module), name)
    except Exception as error:  # whatever a foreign module raises while it is imported
        raise BadInput(
            f"The {word} {reference!r} cannot be loaded ({type(error).__name__}: {error}); install the distribution that "
            "holds it, or put its folder on PYTHONPATH, and write it as module:name."
        ) from error


def accepted(
    usual: Mapping[str, Any],
    given: Mapping[str, Any],
    bounds: Mapping[str, tuple[float, float]],
    whose: str,
    place: str,
) -> dict[str, Any]:
    """A plug-in's parameters with other values of some.

    Args:
        usual: each with its default.
        given: what the owner wrote.
        bounds: lowest and highest value of numbers, where there are such.
        whose: the plug-in, as `the policy 'flat'`.
        place: where the owner wrote them.

    Raises:
        BadInput: there is no such parameter, or the value is of another kind than its default, or out of bounds.

    """
    return {**usual, **{key: _accepted(usual, key, one, bounds, whose, place) for key, one in given.items()}}


def source_digest(
    functions: Collection[Callable[..., Any]],
    about: str,
    *,
    parameters: Collection[str] = (),
    state: str = "",
) -> str:
    """SHA-256 of the code that functions were written in.

    That is their file; for code that is not ours all files of that file's top-level package, because any of them may
    decide a result.

    Args:
        functions: what a plug-in carries.
        about: kind and name of the plug-in, as `policy 'flat'`.
        parameters: names of arguments whose defaults are told elsewhere.
        state: the plug-in's own digest of what its functions hold besides their source.

    Raises:
        BadInput: the source cannot be read, or a function holds values that neither parameters nor `state` tell.

    """
    origins = [_origin(function, frozenset(parameters)) for function in functions]
    held = [name for _, names in origins for name in names]
    if held and not state:
        raise BadInput(
            f"The function of {about} holds {', '.join(held)}, which its fingerprint cannot see; make parameters of what it "
            f"holds, or give the {about.partition(' ')[0]} a `state`, a digest of it."
        )
    modules = dict.fromkeys(module for module, _ in origins)
    digests = {
        module and digest_behind(module, whole=module.partition(".")[0] not in _OURS) for module in modules
    }
    if not all(digests):
        raise BadInput(
            f"The source of {about} cannot be read, so a run by it could not be told from a run by another; write its "
            "function into a module file and import it from there."
        )
    return "+".join(sorted(str(digest) for digest in digests))


def _accepted(
    usual: Mapping[str, Any],
    key: str,
    value: Any,
    bounds: Mapping[str, tuple[float, float]],
    whose: str,
    place: str,
) -> Any:
    if key not in usual:
        raise BadInput(
            f"{place}.{key} is not a parameter of {whose}, which has {', '.join(sorted(usual)) or 'none'}; correct or "
            "remove it."
        )
    default = usual[key]
    if type(default) is float and type(value) is int:
        value = float(value)
    low, high = bounds.get(key, (-math.inf, math.inf))
    kind = type(value) is type(default)
    if not kind or (type(value) in {int, float} and not (low <= value <= high and math.isfinite(value))):
        within = f" from {low:g} to {high:g}" if key in bounds else ""
        raise BadInput(
            f"{place}.{key} = {value!r}: expected {_KINDS[type(default)]}{within}, by default {default!r}; correct the "
            "value."
        )
    return value


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a finite number",
    str: "text",
    tuple: "a list",
}


def _giver(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "a distribution without a name"


def _origin(value: Callable[..., Any], parameters: frozenset[str]) -> tuple[str, list[str]]:
    """The module whose file a callable stands in, empty where there is none; and what it holds besides its source."""
    if isinstance(value, partial):
        module, held = _origin(value.func, parameters)
        return module, [*held, "the arguments of a partial"]
    if isinstance(value, MethodType):
        return value.__func__.__module__, ["an object of its own"]
    if not isinstance(value, FunctionType):
        return type(value).__module__, ["an object of its own"]
    code = value.__code__
    arguments = code.co_varnames[: code.co_argcount]
    defaults = (*arguments[len(arguments) - len(value.__defaults__ or ()) :], *(value.__kwdefaults__ or ()))
    held = [*code.co_freevars, *(name for name in defaults if name not in parameters)]
    # A function typed into a notebook or a prompt has a module, but not one that it could be read from.
    return (value.__module__ if Path(code.co_filename).is_file() else ""), held
