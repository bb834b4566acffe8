"""What a simulated year costs: `python -m tests.benchmarks.simulated_year`, printed as one line of a Markdown table.

A world of --households is opened and lived for --days without personal offers; every day's purchases are written
to a Parquet file, as a closed loop would. One process; CPU time and the peak of its resident memory come from the
operating system. Asked for: 100,000 households for a year within ten minutes and 4 GB.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

from training.simulator.parameters import load_world
from training.simulator.tables import DataFolder
from training.simulator.till import no_offers, personal_minor
from training.simulator.world import World


def main() -> None:
    """Live the year and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="calibrated")
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.monotonic()
    world = World.new(load_world(arguments.world), arguments.households, arguments.seed)
    written = 0
    with (
        tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch,
        DataFolder(Path(scratch), world) as data,
    ):
        for _ in range(arguments.days):
            lines = world.shop_day(None)
            off_minor = personal_minor(lines, no_offers())
            data.append(lines, off_minor)
            world.pay(lines, off_minor)
            written += len(lines)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"| {arguments.world} | {arguments.households:,} households, {arguments.days} days | {written:,} lines | "
        f"{time.monotonic() - began:.0f} s | {used.ru_utime + used.ru_stime:.0f} s | {used.ru_maxrss / 2**20:.2f} GB |"
    )


if __name__ == "__main__":
    main()
