from pathlib import Path

from tests.golden.night import GOLDEN, as_text, run_night


def test_the_golden_night_has_not_changed(tmp_path: Path) -> None:
    assert as_text(run_night(tmp_path)) == GOLDEN.read_text(encoding="utf-8"), (
        "look at the difference; if it is meant, run `python -m tests.golden`"
    )


def test_two_workers_make_the_same_night_byte_for_byte(tmp_path: Path) -> None:
    alone = run_night(tmp_path / "alone", jobs=1).digests()
    together = run_night(tmp_path / "together", jobs=2).digests()
    slots = {name for name in alone if name.startswith(("slots/", "outcomes/"))}
    assert len(slots) == 4
    assert {name: alone[name] for name in slots} == {name: together[name] for name in slots}
