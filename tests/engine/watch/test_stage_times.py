from engine.watch.stage_times import Stages


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
