"""What a command cost."""

import subprocess
import sys

from training.bench.command_cost import Cost, measured


def test_workers_that_are_still_there_are_counted() -> None:
    hungry = "held = bytearray(200_000_000); print('fed', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hungry], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        assert worker.stdin
        assert worker.stdout.readline() == "fed\n"
        with measured() as with_worker:
            pass
        worker.stdin.write("\n")
    with measured() as alone:
        pass
    assert with_worker.peak_bytes - alone.peak_bytes > 200_000_000
    assert alone.wall_seconds >= 0


def test_a_cost_reads_as_a_sentence_goes_on() -> None:
    assert str(Cost(wall_seconds=184.4, peak_bytes=3 * 2**29)) == "took 184 s and at most 1.50 GB"
