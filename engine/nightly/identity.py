"""What a night is asked to do and from what: the identity under which it resumes and can be verified."""

import platform
from functools import lru_cache
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import pandas as pd

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.policy_fingerprint import fingerprint
from engine.programme import Programme
from engine.wording.customer_sentences import CustomerSentences
from models.ground.code import code_digest
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.sources import Data
from models.tables import FAMILY_LEVELS
from models.versions import registry

# What computes the night and writes its files: another release of these may give other bytes.
LIBRARIES = ("duckdb", "lightgbm", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")
# What a night is computed by, whole; a test imports the night and finds nothing of ours outside these.
COVERED = ("models", "engine.domain", "engine.programme", "engine.store", "engine.wording", "engine.nightly")


def request_of(
    workspace: Path,
    run_id: str,
    as_of: Moment,
    data: Data,
    programme: Programme,
    policy: Policy,
    own_sentences: CustomerSentences | None,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> dict[str, Any]:
    """Name everything that the night's result depends on, but for what it reads of the store.

    Shipped sentences are named by `code`; those that the shop changed by `wording`, absent where it changed none. What is
    known of response is named by `knowledge`, absent where nothing is.

    Raises:
        BadInput, BadArtifact: no usable model is current.
        BadProgramme: the current model was fitted for something else than the programme asks, or a family that
            the programme names is not one of the shop's.
        BadInput: the current model has seen what comes after the night, or the policy has no fingerprint.
    """
    folder = registry.registry_folder(workspace)
    artifact = registry.open_current(folder)
    programme.require_model(
        item_level=artifact.manifest.item_level,
        window_days=artifact.manifest.window_days,
        churn_horizon_days=artifact.manifest.churn_horizon_days,
    )
    if artifact.manifest.as_of > as_of.as_of:
        raise BadInput(
            f"Version {artifact.version} was fitted as of {artifact.manifest.as_of.isoformat()} and knows what comes "
            f"after {as_of.as_of.isoformat()}; promote an earlier version, or fit one as of the night."
        )
    programme.require_families(_families(data))
    return {
        "run_id": run_id,
        "as_of": as_of.as_of.isoformat(),
        "timezone": as_of.timezone,
        "load": data.load_id,
        "data": data.fingerprint,
        "model": artifact.version,
        "artifact": registry.fingerprint(folder, artifact.version),
        "programme": programme.fingerprint(),
        "policy": policy.name,
        "policy_fingerprint": fingerprint(policy),
        "seed": programme.seed,
        "code": code_identity(),
        "libraries": libraries(),
        **({} if own_sentences is None else {"wording": own_sentences.fingerprint()}),
        **({"knowledge": knowledge.digest} if knowledge.digest else {}),
    }


def _families(data: Data) -> set[str]:
    named = pd.read_parquet(data.products, columns=list(FAMILY_LEVELS))
    return {str(name) for level in FAMILY_LEVELS for name in named[level].dropna().unique()}


@lru_cache(maxsize=1)
def code_identity() -> str:
    """The release and a digest of the source that computes nights: `0.1.0+5f0c2b9d81aa`."""
    return f"{installed_version('abonement')}+{code_digest(*COVERED)[:12]}"


@lru_cache(maxsize=1)
def libraries() -> dict[str, str]:
    """Releases of Python and of the libraries that compute and write."""
    return {"python": platform.python_version()} | {name: installed_version(name) for name in LIBRARIES}
