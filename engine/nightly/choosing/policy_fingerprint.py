"""What a policy is, in a digest: name, parameters and code, so that two of one name are not taken for each other."""

import hashlib
import json

from engine.nightly.choosing.policy import Policy
from models.ground.errors import BadInput
from models.ground.plug_ins import source_digest


def fingerprint(policy: Policy) -> str:
    """SHA-256 of a policy's name, parameters, state and code.

    Code is the file that its function was written in; for a policy that is not ours all files of that file's
    top-level package, because any of them may decide a value.

    Raises:
        BadInput: the source cannot be read, the function holds values that are neither parameters nor told by
            `state`, or a parameter is no plain value.

    """
    code = source_digest(
        policy.functions, f"policy {policy.name!r}", parameters=policy.parameters, state=policy.state
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
