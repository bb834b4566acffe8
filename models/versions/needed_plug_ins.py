"""The plug-ins that a version was fitted with, found again and held against what they were.

A version's folder names them; what runs is what the owner installed.
"""

from collections.abc import Mapping

from models.features.own_features import OwnFeature, installed_features
from models.ground.errors import BadArtifact, BadInput
from models.items.own_model import OwnModel, installed_model


def needed_features(version: str, fitted_with: Mapping[str, str]) -> tuple[OwnFeature, ...]:
    """The features that a version reads, in the recipe's order.

    Args:
        version: for messages.
        fitted_with: fingerprints by name, as its manifest has them.

    Raises:
        BadArtifact: one is missing, or is another one than the version was fitted with.

    """
    try:
        found = installed_features(list(fitted_with))
        told = {feature.name: feature.fingerprint for feature in found}
    except BadInput as error:
        raise BadArtifact(f"Version {version} needs a plug-in that is not to be had here. {error}") from error
    for name, then in fitted_with.items():
        require_same(version, f"feature {name!r}", then, told[name])
    return found


def needed_model(version: str, name: str, then: str) -> OwnModel:
    """The model that a version was fitted by; BadArtifact where it is missing or another one than `then`."""
    try:
        model = installed_model(name)
        now = model.fingerprint
    except BadInput as error:
        raise BadArtifact(f"Version {version} needs a plug-in that is not to be had here. {error}") from error
    require_same(version, f"model {name!r}", then, now)
    return model


def require_same(version: str, plug_in: str, then: str, now: str) -> None:
    """BadArtifact where a plug-in is another one than a version was fitted with."""
    if then != now:
        raise BadArtifact(
            f"Version {version} was fitted with the {plug_in} as {then[:12]}, but installed is {now[:12]}; fit again, or "
            "install the release of the plug-in that it was fitted with."
        )
