import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.ground.errors import BadArtifact, BadInput
from models.response import KeptMargin, PriceResponse
from models.response.exposed_weeks import LotSums
from models.response.learnt_response import LearntResponse
from models.response.visit_effects import VisitEffects
from models.versions.response_versions import (
    ResponseManifest,
    open_response,
    promote_response,
    publish_response,
    response_folder,
    response_manifest,
    response_versions,
    roll_back_response,
)
from models.versions.version_pointer import pointer_history

MANIFEST = ResponseManifest(
    as_of=datetime(2024, 5, 1, tzinfo=UTC),
    data={"fingerprint": "f", "weeks": 52},
    code="1.0",
    metrics={"kappa": 0.4},
    notes=(),
)
PRIOR = LearntResponse(PriceResponse.prior(), VisitEffects.prior(600.0), LotSums.nothing(), None, None)
SURE = replace(PRIOR, price=replace(PRIOR.price, kept=KeptMargin(0.6, 0.1, 0.1)))


def published(folder: Path, response: LearntResponse, day: int = 1) -> str:
    about = replace(MANIFEST, as_of=datetime(2024, 5, day, tzinfo=UTC))
    return publish_response(folder, about, response)


def test_before_the_first_promotion_no_response_is_in_use(tmp_path: Path) -> None:
    assert open_response(response_folder(tmp_path)) is None


def test_a_response_is_published_promoted_and_rolled_back(tmp_path: Path) -> None:
    folder = response_folder(tmp_path)
    first, second = published(folder, PRIOR), published(folder, SURE, 2)
    assert open_response(folder) is None

    assert promote_response(folder, first) is None
    assert promote_response(folder, second, by="Ines") == first
    assert open_response(folder) == (second, SURE)

    assert roll_back_response(folder) == first
    assert open_response(folder) == (first, PRIOR)
    assert [entry["to"] for entry in pointer_history(folder)] == [first, second, first]
    with pytest.raises(BadInput, match="no earlier version"):
        roll_back_response(folder)


def test_the_same_content_is_one_version(tmp_path: Path) -> None:
    folder = response_folder(tmp_path)

    assert published(folder, SURE) == published(folder, SURE)
    assert len(response_versions(folder)) == 1


def test_a_damaged_version_is_neither_opened_nor_promoted_and_is_mended_by_fitting_again(
    tmp_path: Path,
) -> None:
    folder = response_folder(tmp_path)
    version = published(folder, SURE)
    file = folder / "versions" / version / "response.json"
    file.write_text(file.read_text(encoding="utf-8").replace("0.6", "0.9"), encoding="utf-8")

    with pytest.raises(BadArtifact, match="does not match the checksum"):
        promote_response(folder, version)
    assert published(folder, SURE) == version
    promote_response(folder, version)
    assert open_response(folder) == (version, SURE)


def test_a_manifest_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = response_folder(tmp_path)
    version = published(folder, SURE)
    place = folder / "versions" / version / "manifest.json"
    told = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps(told | {"metrics": {"kappa": 2}}), encoding="utf-8")

    with pytest.raises(BadArtifact, match="damaged or changed"):
        response_manifest(folder, version)


def test_an_unknown_version_is_named_beside_those_that_there_are(tmp_path: Path) -> None:
    folder = response_folder(tmp_path)
    version = published(folder, SURE)

    with pytest.raises(BadInput, match=version):
        promote_response(folder, "2024-01-01-00000000")
