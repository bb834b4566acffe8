from pathlib import Path
from shutil import copytree

from engine.watch.stage_times import Stages
from models.running.cluster import map_buckets
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night


def test_stages_are_timed_by_the_progress_that_is_reported() -> None:
    times = iter([0.0, 2.0, 5.0, 9.0])
    ended: list[tuple[str, float, int]] = []
    passed_on: list[tuple[str, int, int]] = []
    stages = Stages(
        lambda *step: passed_on.append(step), lambda *stage: ended.append(stage), lambda: next(times)
    )
    stages("reading", 0, 2)
    stages("reading", 2, 2)
    stages("publishing", 1, 1)
    stages.finish()
    assert stages.seconds == {"starting": 2.0, "reading": 3.0, "publishing": 4.0}
    assert ended == [("starting", 2.0, 0), ("reading", 3.0, 2), ("publishing", 4.0, 1)]
    assert passed_on == [("reading", 0, 2), ("reading", 2, 2), ("publishing", 1, 1)]


def test_the_time_of_work_on_buckets_is_that_of_its_own_stage() -> None:
    clock = [0.0]

    def work(seconds: float) -> None:
        clock[0] += seconds

    stages = Stages(lambda *_: None, lambda *_: None, lambda: clock[0])
    list(map_buckets(work, [(3.0,), (4.0,)], jobs=1, what="scoring and planning", progress=stages))
    list(map_buckets(work, [(2.0,)], jobs=1, what="settling", progress=stages))
    stages.finish()
    assert stages.seconds == {"starting": 0.0, "scoring and planning": 7.0, "settling": 2.0}


def test_a_night_tells_of_every_stage_before_its_work_is_done(opened_shop: Path, tmp_path: Path) -> None:
    workspace = Path(copytree(opened_shop, tmp_path / "workspace"))
    first: dict[str, int] = {}
    night(workspace, FIRST_NIGHT, progress=lambda what, done, _total: first.setdefault(what, done))
    assert first == dict.fromkeys(
        (
            "reading open bundles",
            "reading items",
            "reading households",
            "scoring and planning",
            "settling",
            "checking the night",
            "publishing",
        ),
        0,
    )
