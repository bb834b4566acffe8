"""What a policy remembers: plain, whole, and known by its digest."""

from pathlib import Path

import numpy as np
import pytest

from models.ground.errors import BadInput
from training.simulator.loop.policy_memory import Memory

MEMORY = Memory(
    {"state": "exploring", "weeks": 3, "effects": [0.5, None]},
    {"exposed": np.array([[1, 0], [0, 1]]), "customer_id": np.array(["a", "bé"]), "share": np.array([0.25])},
)


def test_a_memory_is_read_as_it_was_written(tmp_path: Path) -> None:
    MEMORY.save(tmp_path / "memory")
    found = Memory.load(tmp_path / "memory", MEMORY.digest)

    assert found.facts == MEMORY.facts
    assert {name: array.tolist() for name, array in found.arrays.items()} == {
        name: array.tolist() for name, array in MEMORY.arrays.items()
    }
    assert found.digest == MEMORY.digest


def test_the_digest_tells_what_is_remembered_and_not_in_which_order() -> None:
    turned = Memory(dict(reversed(MEMORY.facts.items())), dict(reversed(MEMORY.arrays.items())))
    column_first = Memory(
        MEMORY.facts, {**MEMORY.arrays, "exposed": np.asfortranarray(MEMORY.arrays["exposed"])}
    )
    other = Memory(MEMORY.facts, {**MEMORY.arrays, "share": np.array([0.5])})

    assert turned.digest == column_first.digest == MEMORY.digest
    assert other.digest != MEMORY.digest


def test_what_cannot_be_read_without_running_it_is_no_memory() -> None:
    with pytest.raises(BadInput, match="numbers and text, and model holds object"):
        Memory({}, {"model": np.array([print])})
    with pytest.raises(BadInput, match="facts that are plain JSON"):
        Memory({"gain": float("nan")})


def test_a_memory_that_was_changed_since_is_refused(tmp_path: Path) -> None:
    MEMORY.save(tmp_path / "memory")
    facts = tmp_path / "memory" / "facts.json"
    facts.write_text(facts.read_text().replace("exploring", "paying"))

    with pytest.raises(BadInput, match="it was changed since"):
        Memory.load(tmp_path / "memory")


def test_another_memory_in_its_place_is_refused(tmp_path: Path) -> None:
    Memory({"weeks": 2}).save(tmp_path / "memory")

    with pytest.raises(BadInput, match="it was changed since"):
        Memory.load(tmp_path / "memory", MEMORY.digest)


def test_half_a_memory_is_refused(tmp_path: Path) -> None:
    MEMORY.save(tmp_path / "memory")
    (tmp_path / "memory" / "arrays.npz").write_bytes(b"PK")

    with pytest.raises(BadInput, match="Expected a policy's memory in "):
        Memory.load(tmp_path / "memory")
