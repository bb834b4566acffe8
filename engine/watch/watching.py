"""Everything that watches one night: stages, journal, metrics, report; whatever happens to it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.domain.offer_errors import OfferError
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import NightResult
from engine.watch.journal import Journal
from engine.watch.stage_times import Stages
from engine.watch.textfile import write_metrics
from models.ground.errors import GuardRefused
from models.ground.exit_codes import exit_code_of
from models.ground.progress import Progress


class Watch:
    """One night under observation; hand it to the night as its Progress and tell it the result."""

    def __init__(self, workspace: Path, journal: Journal, onward: Progress) -> None:
        self.workspace, self.journal = workspace, journal
        self.stages = Stages(onward, self._stage_ended)
        self.run_id: str | None = None
        self.about: Mapping[str, Any] | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note of one step."""
        self.stages(what, done, total)

    def published(self, result: NightResult) -> None:
        """Take note of a published night."""
        self.run_id, self.about = result.run_id, result.manifest
        night = result.manifest["result"]
        self._checks()
        self.journal.info(
            "night_published",
            run_id=result.run_id,
            resumed_buckets=result.resumed_buckets,
            **{name: night[name] for name in ("customers", "bundles", "offers", "mean_depth_bp")},
        )

    def refused(self, run_id: str) -> None:
        """Take note of a night that the guard did not let through."""
        self.run_id, self.about = run_id, RunFolder.of(self.workspace, run_id).sight("night.json")
        self._checks()

    def keep_seconds(self) -> None:
        """Leave the stages' seconds in the run folder, for its report."""
        folder = RunFolder.of(self.workspace, str(self.run_id))
        folder.keep_sight("seconds.json", self.stages.seconds)

    def write_report(self) -> None:
        """Leave the page in the run folder."""
        from engine.watch.run_page import write_report  # matplotlib takes a second to import

        write_report(self.workspace, str(self.run_id))

    def leave(self, what: str, write: Callable[[], object]) -> None:
        """Write something beside the night; where that fails, say so and leave the night as it is."""
        try:
            write()
        except Exception as error:  # noqa: BLE001 - a page or a metric never decides what becomes of a night
            why = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            self.journal.info("not_written", what=what, kind=type(error).__name__)
            sys.stderr.write(f"Cannot write {what}: {why}; the night itself is not affected.\n")

    def _stage_ended(self, stage: str, seconds: float, steps: int) -> None:
        self.journal.info("stage_ended", stage=stage, seconds=round(seconds, 3), steps=steps)

    def _checks(self) -> None:
        for name, check in (self.about or {}).get("guard", {}).items():
            facts = {key: check[key] for key in ("value", "limit", "ok", "accepted")}
            self.journal.info("guard_check", check=name, **facts)
        arms = (self.about or {}).get("arms", {"experiments": {}, "alarms": ()})
        for name, facts in arms["experiments"].items():
            self.journal.info("experiment_checked", experiment=name, **facts)
        for alarm in arms["alarms"]:
            self.journal.info("experiment_alarm", says=alarm)


@contextmanager
def watching(
    workspace: Path,
    as_of: str,
    now: datetime,
    journal: Journal,
    progress: Progress,
    *,
    metrics: Path | None,
    report: bool,
) -> Iterator[Watch]:
    """Watch what happens inside; errors pass through, after they were logged and counted."""
    watch = Watch(workspace, journal, progress)
    journal.info("night_started", as_of=as_of)
    code = 0
    try:
        yield watch
    except BaseException as error:
        code = exit_code_of(error, (OfferError,))
        if isinstance(error, GuardRefused):
            watch.refused(error.run_id)
        raise
    finally:
        watch.stages.finish()
        seconds = watch.stages.seconds
        journal.info("night_ended", exit_code=code, seconds=round(sum(seconds.values()), 3))
        if metrics is not None:
            watch.leave(
                f"the metrics file {metrics}",
                lambda: write_metrics(
                    metrics,
                    started=now.timestamp(),
                    exit_code=code,
                    stage_seconds=seconds,
                    about=watch.about,
                ),
            )
        if watch.run_id is not None:
            watch.leave("the stages' seconds", watch.keep_seconds)
        if watch.run_id is not None and report:
            watch.leave("the report", watch.write_report)
