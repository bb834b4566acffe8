"""What a policy is, in a digest: name, parameters and code, so that two of one name are not taken for each other."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from engine.nightly.choosing.policy import Policy
from models.ground.code import digest_behind
from models.ground.errors import BadInput

# Whose code the night's own identity covers: a policy from there is told apart by its own file.
_OURS = frozenset({"engine", "models"})


def fingerprint(policy: Policy) -> str:
    """SHA-256 of a policy's name, parameters, state and code.

    Code is the file that its function was written in; for a policy that is not ours all files of that file's
    top-level package, because any of them may decide a value.

    Raises:
        BadInput: the source cannot be read, the function holds values that are neither parameters nor told by
            `state`, or a parameter is no plain value.

    """
    module, held = _origin(policy.value, frozenset(policy.parameters))
    if held and not policy.state:
        raise BadInput(
            f"The function of policy {policy.name!r} holds {', '.join(held)}, which its fingerprint cannot see; make "
            "parameters of what it holds, or give the policy a `state`, a digest of it."
        )
    code = digest_behind(module, whole=module.partition(".")[0] not in _OURS) if module else None
    if code is None:
        raise BadInput(
            f"The source of policy {policy.name!r} cannot be read, so a run by it could not be told from a run by "
            "another; write its function into a module file and import it from there."
        )
    about = {"name": policy.name, "parameters": policy.parameters, "state": policy.state, "code": code}
    try:
        canonical = json.dumps(about, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"The parameters of policy {policy.name!r} are no plain values ({error}); expected finite numbers, text, "
            "true, false and tuples of these."
        ) from error
    return hashlib.sha256(canonical.encode()).hexdigest()


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
